//! The program as an operator meets it: the real binary, its arguments, its environment, its
//! exit codes and what it prints.

mod accounts;
mod logs;
mod place;
mod serving;
mod settings;
