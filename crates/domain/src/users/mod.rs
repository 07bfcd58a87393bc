//! The people of the platform: who they are, who may be seen by whom, and their accounts.

mod accounts;
mod directory;
mod display_name;
mod profile;
mod repository;
mod search;
mod user;
mod username;

pub use accounts::{Account, Accounts, AddUser, AddUserError, ChangeAccountError};
pub use directory::Directory;
pub use display_name::{DisplayName, DisplayNameError};
pub use profile::Profile;
#[cfg(test)]
pub use repository::MockUserRepository;
pub use repository::{Added, Credentials, DirectoryCursor, NewUser, UserRepository};
pub use search::{SearchTerm, fold, search_keys};
pub use user::{User, UserId};
pub use username::{Username, UsernameError};
