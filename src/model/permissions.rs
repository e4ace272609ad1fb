//! Who may call what: one table for the guards, the OpenAPI document and the tests.

use serde::Serialize;
use utoipa::ToSchema;

/// What an account may do. Each role may do all that the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
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

/// Every operation of the API by its id, and who may call it. Operations on entries stand once for all kinds,
/// with the word `entry` in place of the kind's.
pub const PERMISSIONS: &[(&str, Who)] = &[
    ("login", Who::Anyone),
    ("refresh", Who::Anyone),
    ("logout", Who::Anyone),
    ("get_me", Who::AtLeast(Role::Editor)),
    ("list_entries", Who::Anyone),
    ("get_entry", Who::Anyone),
    ("list_entry_revisions", Who::Anyone),
    ("get_entry_revision", Who::Anyone),
    ("get_entry_diff", Who::Anyone),
    ("get_entry_blame", Who::Anyone),
    ("list_entry_links", Who::Anyone),
    ("get_entry_protection", Who::Anyone),
    ("protect_entry", Who::AtLeast(Role::Moderator)),
    ("create_entry", Who::AtLeast(Role::Editor)),
    ("replace_entry", Who::AtLeast(Role::Editor)),
    ("patch_entry", Who::AtLeast(Role::Editor)),
    ("retire_entry", Who::AtLeast(Role::Editor)),
    ("create_submission", Who::AtLeast(Role::Editor)),
    ("list_submissions", Who::AuthorOrModerator),
    ("get_submission", Who::AuthorOrModerator),
    ("replace_submission", Who::AuthorOrModerator),
    ("get_submission_diff", Who::AuthorOrModerator),
    ("list_submission_events", Who::AuthorOrModerator),
    ("submit_submission", Who::AuthorOrModerator),
    ("withdraw_submission", Who::AuthorOrModerator),
    ("take_submission", Who::AtLeast(Role::Moderator)),
    ("release_submission", Who::AtLeast(Role::Moderator)),
    ("approve_submission", Who::AtLeast(Role::Moderator)),
    ("request_submission_changes", Who::AtLeast(Role::Moderator)),
    ("reject_submission", Who::AtLeast(Role::Moderator)),
    ("resolve_submission", Who::AuthorOrModerator),
    ("publish_submission", Who::AtLeast(Role::Moderator)),
    ("check_body", Who::AtLeast(Role::Editor)),
    ("get_submission_checks", Who::AuthorOrModerator),
    ("list_submission_comments", Who::AuthorOrModerator),
    ("create_submission_comment", Who::AuthorOrModerator),
    ("get_submission_comment", Who::AuthorOrModerator),
    ("replace_submission_comment", Who::AuthorOrModerator),
    ("apply_submission_comment", Who::AuthorOrModerator),
    ("list_notifications", Who::AtLeast(Role::Editor)),
    ("read_notifications", Who::AtLeast(Role::Editor)),
    ("create_batch", Who::AtLeast(Role::Editor)),
    ("add_submission_rows", Who::AuthorOrModerator),
    ("set_submission_rows_aside", Who::AuthorOrModerator),
    ("list_submission_rows", Who::AuthorOrModerator),
    ("get_submission_sample", Who::AtLeast(Role::Moderator)),
    ("open_submission_row", Who::AtLeast(Role::Moderator)),
    ("list_changes", Who::Anyone),
    ("list_vocabularies", Who::Anyone),
    ("list_problems", Who::Anyone),
    ("get_problem", Who::Anyone),
    ("health_live", Who::Anyone),
    ("health_ready", Who::Anyone),
];

/// Who may call the operation with this id; `None` when the table does not name it.
pub fn who_may(operation: &str) -> Option<Who> {
    PERMISSIONS.iter().find(|(name, _)| *name == operation).map(|(_, who)| *who)
}
