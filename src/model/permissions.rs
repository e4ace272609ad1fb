//! Who may call what, and with what: one table for the guards, the OpenAPI document and the tests.

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

const READ: Option<Scope> = Some(Scope::Read);
const SUBMIT: Option<Scope> = Some(Scope::Submit);
const MODERATE: Option<Scope> = Some(Scope::Moderate);
const ADMIN: Option<Scope> = Some(Scope::Admin);
/// No key reaches it: whoever calls has signed in.
const INTERACTIVE: Option<Scope> = None;

/// Every operation of the API by its id, who may call it, and the scope an API key needs (`None`: no key will do). Operations on entries stand once for all kinds,
/// with the word `entry` in place of the kind's.
pub const PERMISSIONS: &[(&str, Who, Option<Scope>)] = &[
    ("login", Who::Anyone, INTERACTIVE),
    ("refresh", Who::Anyone, INTERACTIVE),
    ("logout", Who::Anyone, INTERACTIVE),
    ("register", Who::Anyone, INTERACTIVE),
    ("reset_password", Who::Anyone, INTERACTIVE),
    ("get_jwks", Who::Anyone, READ),
    ("get_me", Who::AtLeast(Role::Editor), READ),
    ("change_password", Who::AtLeast(Role::Editor), INTERACTIVE),
    ("list_sessions", Who::AtLeast(Role::Editor), INTERACTIVE),
    ("end_other_sessions", Who::AtLeast(Role::Editor), INTERACTIVE),
    ("end_session", Who::AtLeast(Role::Editor), INTERACTIVE),
    ("get_totp", Who::AtLeast(Role::Editor), INTERACTIVE),
    ("enrol_totp", Who::AtLeast(Role::Editor), INTERACTIVE),
    ("confirm_totp", Who::AtLeast(Role::Editor), INTERACTIVE),
    ("remove_totp", Who::AtLeast(Role::Editor), INTERACTIVE),
    ("list_api_keys", Who::AtLeast(Role::Editor), INTERACTIVE),
    ("create_api_key", Who::AtLeast(Role::Editor), INTERACTIVE),
    ("revoke_api_key", Who::AtLeast(Role::Editor), INTERACTIVE),
    ("list_users", Who::AtLeast(Role::Admin), ADMIN),
    ("get_user", Who::AtLeast(Role::Admin), ADMIN),
    ("change_user", Who::AtLeast(Role::Admin), ADMIN),
    // No key touches keys and sessions, nor gives new ways in: one that leaks must not outlive its revocation.
    ("list_user_api_keys", Who::AtLeast(Role::Admin), INTERACTIVE),
    ("revoke_user_api_key", Who::AtLeast(Role::Admin), INTERACTIVE),
    ("list_user_sessions", Who::AtLeast(Role::Admin), INTERACTIVE),
    ("end_user_sessions", Who::AtLeast(Role::Admin), INTERACTIVE),
    ("issue_password_reset", Who::AtLeast(Role::Admin), INTERACTIVE),
    ("create_invitation", Who::AtLeast(Role::Admin), INTERACTIVE),
    ("list_invitations", Who::AtLeast(Role::Admin), ADMIN),
    ("revoke_invitation", Who::AtLeast(Role::Admin), ADMIN),
    ("list_audit", Who::AtLeast(Role::Admin), ADMIN),
    ("list_entries", Who::Anyone, READ),
    ("stats_entries", Who::Anyone, READ),
    ("get_entry", Who::Anyone, READ),
    ("list_entry_revisions", Who::Anyone, READ),
    ("get_entry_revision", Who::Anyone, READ),
    ("get_entry_diff", Who::Anyone, READ),
    ("get_entry_blame", Who::Anyone, READ),
    ("list_entry_links", Who::Anyone, READ),
    ("get_entry_timegate", Who::Anyone, READ),
    ("get_entry_timemap", Who::Anyone, READ),
    ("get_entry_citation", Who::Anyone, READ),
    ("get_entry_revision_citation", Who::Anyone, READ),
    ("export_entries", Who::Anyone, READ),
    ("get_entries_export_manifest", Who::Anyone, READ),
    ("get_entry_protection", Who::Anyone, READ),
    ("protect_entry", Who::AtLeast(Role::Moderator), MODERATE),
    ("create_entry", Who::AtLeast(Role::Editor), SUBMIT),
    ("replace_entry", Who::AtLeast(Role::Editor), SUBMIT),
    ("patch_entry", Who::AtLeast(Role::Editor), SUBMIT),
    ("retire_entry", Who::AtLeast(Role::Editor), SUBMIT),
    ("create_submission", Who::AtLeast(Role::Editor), SUBMIT),
    ("list_submissions", Who::AuthorOrModerator, READ),
    ("get_submission", Who::AuthorOrModerator, READ),
    ("replace_submission", Who::AuthorOrModerator, SUBMIT),
    ("get_submission_diff", Who::AuthorOrModerator, READ),
    ("list_submission_events", Who::AuthorOrModerator, READ),
    ("submit_submission", Who::AuthorOrModerator, SUBMIT),
    ("withdraw_submission", Who::AuthorOrModerator, SUBMIT),
    ("take_submission", Who::AtLeast(Role::Moderator), MODERATE),
    ("release_submission", Who::AtLeast(Role::Moderator), MODERATE),
    ("approve_submission", Who::AtLeast(Role::Moderator), MODERATE),
    ("request_submission_changes", Who::AtLeast(Role::Moderator), MODERATE),
    ("reject_submission", Who::AtLeast(Role::Moderator), MODERATE),
    ("resolve_submission", Who::AuthorOrModerator, SUBMIT),
    ("publish_submission", Who::AtLeast(Role::Moderator), MODERATE),
    ("check_body", Who::AtLeast(Role::Editor), SUBMIT),
    ("get_submission_checks", Who::AuthorOrModerator, READ),
    ("list_submission_comments", Who::AuthorOrModerator, READ),
    ("create_submission_comment", Who::AuthorOrModerator, SUBMIT),
    ("get_submission_comment", Who::AuthorOrModerator, READ),
    ("replace_submission_comment", Who::AuthorOrModerator, SUBMIT),
    ("apply_submission_comment", Who::AuthorOrModerator, SUBMIT),
    ("list_notifications", Who::AtLeast(Role::Editor), READ),
    ("read_notifications", Who::AtLeast(Role::Editor), SUBMIT),
    ("create_batch", Who::AtLeast(Role::Editor), SUBMIT),
    ("add_submission_rows", Who::AuthorOrModerator, SUBMIT),
    ("set_submission_rows_aside", Who::AuthorOrModerator, SUBMIT),
    ("list_submission_rows", Who::AuthorOrModerator, READ),
    ("get_submission_sample", Who::AtLeast(Role::Moderator), MODERATE),
    ("open_submission_row", Who::AtLeast(Role::Moderator), MODERATE),
    ("list_changes", Who::Anyone, READ),
    ("stream_changes", Who::Anyone, READ),
    ("search", Who::Anyone, READ),
    ("suggest", Who::Anyone, READ),
    ("list_vocabularies", Who::Anyone, READ),
    ("list_problems", Who::Anyone, READ),
    ("get_problem", Who::Anyone, READ),
    ("health_live", Who::Anyone, READ),
    ("health_ready", Who::Anyone, READ),
    ("health_writable", Who::Anyone, READ),
];

/// A row of the table without the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    pub who: Who,
    /// What a key needs; `None` when no key will do.
    pub scope: Option<Scope>,
}

/// The row of the operation with this id; `None` when the table does not name it. The registration of the routes asks
/// for it while the program is compiled.
pub const fn permission(operation: &str) -> Option<Permission> {
    let mut row = 0;
    while row < PERMISSIONS.len() {
        let (name, who, scope) = PERMISSIONS[row];
        if is_same(name, operation) {
            return Some(Permission { who, scope });
        }
        row += 1;
    }
    None
}

/// Whether the id is among these.
pub const fn is_operation(operations: &[&str], id: &str) -> bool {
    let mut i = 0;
    while i < operations.len() {
        if is_same(operations[i], id) {
            return true;
        }
        i += 1;
    }
    false
}

/// `==` of texts, which cannot be used yet while the program is compiled.
const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

/// Who may call the operation with this id; `None` when the table does not name it.
pub fn who_may(operation: &str) -> Option<Who> {
    permission(operation).map(|row| row.who)
}
