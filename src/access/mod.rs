//! Who may come in: accounts, passwords, sessions and tokens.

mod accounts;
mod blocks;
mod passwords;
mod secret;
mod throttle;
mod tokens;

pub use accounts::{Access, AccountView, TokenPair, create_user, reset_password, set_trusted};
pub use passwords::{PasswordPolicy, Passwords};
pub use secret::{Secret, random as random_secret};
pub use throttle::Throttle;
pub use tokens::{TokenSettings, Tokens, secret_bytes};
