//! Being signed in: passwords, tokens, and how long a session lasts.

mod hasher;
#[cfg(test)]
mod mocks;
mod password;
mod password_change;
mod repository;
mod service;
mod session;
mod sign_in;
mod tally;
mod token;

#[cfg(test)]
pub use hasher::MockPasswordHasher;
pub use hasher::{HashError, PasswordHash, PasswordHasher, Verdict};
pub use password::{NewPassword, NewPasswordError, Password};
pub use password_change::PasswordChange;
#[cfg(test)]
pub use repository::MockSessionRepository;
pub use repository::{Begun, Ended, NewSession, SessionRepository};
pub use service::{AllEnded, Authenticated, Sessions};
pub use session::{Session, SessionId};
pub use sign_in::{Credential, SignInError, SignedIn};
pub use tally::SignInTally;
pub use token::{SessionToken, SessionTokenError};
