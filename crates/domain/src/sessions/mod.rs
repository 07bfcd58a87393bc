//! Being signed in: passwords, tokens, and how long a session lasts.

mod hasher;
mod password;
mod repository;
mod service;
mod session;
mod token;

#[cfg(test)]
pub use hasher::MockPasswordHasher;
pub use hasher::{HashError, PasswordHash, PasswordHasher, Verdict};
pub use password::{NewPassword, NewPasswordError, Password};
#[cfg(test)]
pub use repository::MockSessionRepository;
pub use repository::{Begun, Ended, NewSession, SessionRepository};
pub use service::{AllEnded, Authenticated, Credential, Sessions, SignInError, SignedIn};
pub use session::{Session, SessionId};
pub use token::{SessionToken, SessionTokenError};
