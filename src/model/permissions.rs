//! Roles of accounts, scopes of API keys, and who may call an operation.

use deserr::Deserr;
use serde::Serialize;
use utoipa::ToSchema;

use super::errors::FieldErrors;

/// What an account may do. Each role may do all that the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[deserr(error = FieldErrors, rename_all = lowercase)]
pub enum Role {
    /// Proposes changes.
    Editor,
    /// Reviews the changes of others.
    Moderator,
    /// Manages accounts.
    Admin,
}

impl Role {
    pub const ALL: &'static [Role] = &[Role::Editor, Role::Moderator, Role::Admin];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Editor => "editor",
            Role::Moderator => "moderator",
            Role::Admin => "admin",
        }
    }

    /// The role with this name.
    pub fn parse(name: &str) -> Option<Role> {
        Self::ALL.iter().copied().find(|r| r.as_str() == name)
    }
}

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody, with or without an account.
    Anyone,
    /// An account with at least this role.
    AtLeast(Role),
    /// An account, for submissions it wrote; moderators for all that are not drafts of others.
    AuthorOrModerator,
}

impl Who {
    /// The least role an account needs; `None` when no account is needed.
    pub fn least_role(self) -> Option<Role> {
        match self {
            Who::Anyone => None,
            Who::AtLeast(role) => Some(role),
            Who::AuthorOrModerator => Some(Role::Editor),
        }
    }
}

/// What an API key may be used for. Every key reads; each of the others adds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[deserr(error = FieldErrors, rename_all = lowercase)]
pub enum Scope {
    /// Reads what its owner may read as an editor.
    Read,
    /// Proposes changes and comments.
    Submit,
    /// Reviews, and sees what is to be reviewed; for moderators.
    Moderate,
    /// Manages accounts and reads the audit trail; for administrators.
    Admin,
}

impl Scope {
    pub const ALL: &'static [Scope] = &[Scope::Read, Scope::Submit, Scope::Moderate, Scope::Admin];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Submit => "submit",
            Scope::Moderate => "moderate",
            Scope::Admin => "admin",
        }
    }

    /// The scope with this name.
    pub fn parse(name: &str) -> Option<Scope> {
        Self::ALL.iter().copied().find(|s| s.as_str() == name)
    }

    /// The least role of an owner whose keys can have it.
    pub fn least_role(self) -> Role {
        match self {
            Scope::Read | Scope::Submit => Role::Editor,
            Scope::Moderate => Role::Moderator,
            Scope::Admin => Role::Admin,
        }
    }

    /// Whether a key with these scopes reaches this one.
    pub fn is_in(self, scopes: &[Scope]) -> bool {
        self == Scope::Read || scopes.contains(&self)
    }
}
