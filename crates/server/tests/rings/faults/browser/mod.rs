//! A page that is open goes on by itself: it has what is stored, once and in order, and whoever
//! sits before it is not disturbed.

mod nodes;
mod outages;
mod reading;
mod reload;
