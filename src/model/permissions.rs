//! Who may call what, and with what: one table for the guards, the OpenAPI document and the tests.

use deserr::Deserr;
use serde::Serialize;
use utoipa::ToSchema;

use super::{errors::FieldErrors, limits::BodySize};

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

const NOTHING: BodySize = BodySize::Nothing;
const FORM: BodySize = BodySize::Form;
const WORDS: BodySize = BodySize::Words;
const ENTRY: BodySize = BodySize::Entry;
const REQUEST: BodySize = BodySize::Request;

/// Every operation of the API by its id, who may call it, the scope an API key needs (`None`: no key will do), and how
/// large its body may be. Operations on entries stand once for all kinds, with the word `entry` in place of the kind's.
pub const PERMISSIONS: &[(&str, Who, Option<Scope>, BodySize)] = &[
    ("login", Who::Anyone, INTERACTIVE, FORM),
    ("refresh", Who::Anyone, INTERACTIVE, FORM),
    ("logout", Who::Anyone, INTERACTIVE, FORM),
    ("register", Who::Anyone, INTERACTIVE, FORM),
    ("reset_password", Who::Anyone, INTERACTIVE, FORM),
    ("get_jwks", Who::Anyone, READ, NOTHING),
    ("get_me", Who::AtLeast(Role::Editor), READ, NOTHING),
    ("change_password", Who::AtLeast(Role::Editor), INTERACTIVE, FORM),
    ("list_sessions", Who::AtLeast(Role::Editor), INTERACTIVE, NOTHING),
    ("end_other_sessions", Who::AtLeast(Role::Editor), INTERACTIVE, NOTHING),
    ("end_session", Who::AtLeast(Role::Editor), INTERACTIVE, NOTHING),
    ("get_totp", Who::AtLeast(Role::Editor), INTERACTIVE, NOTHING),
    ("enrol_totp", Who::AtLeast(Role::Editor), INTERACTIVE, FORM),
    ("confirm_totp", Who::AtLeast(Role::Editor), INTERACTIVE, FORM),
    ("remove_totp", Who::AtLeast(Role::Editor), INTERACTIVE, FORM),
    ("list_api_keys", Who::AtLeast(Role::Editor), INTERACTIVE, NOTHING),
    ("create_api_key", Who::AtLeast(Role::Editor), INTERACTIVE, FORM),
    ("revoke_api_key", Who::AtLeast(Role::Editor), INTERACTIVE, NOTHING),
    ("list_users", Who::AtLeast(Role::Admin), ADMIN, NOTHING),
    ("get_user", Who::AtLeast(Role::Admin), ADMIN, NOTHING),
    ("change_user", Who::AtLeast(Role::Admin), ADMIN, FORM),
    // No key touches keys and sessions, nor gives new ways in: one that leaks must not outlive its revocation.
    ("list_user_api_keys", Who::AtLeast(Role::Admin), INTERACTIVE, NOTHING),
    ("revoke_user_api_key", Who::AtLeast(Role::Admin), INTERACTIVE, NOTHING),
    ("list_user_sessions", Who::AtLeast(Role::Admin), INTERACTIVE, NOTHING),
    ("end_user_sessions", Who::AtLeast(Role::Admin), INTERACTIVE, NOTHING),
    ("issue_password_reset", Who::AtLeast(Role::Admin), INTERACTIVE, NOTHING),
    ("create_invitation", Who::AtLeast(Role::Admin), INTERACTIVE, FORM),
    ("list_invitations", Who::AtLeast(Role::Admin), ADMIN, NOTHING),
    ("revoke_invitation", Who::AtLeast(Role::Admin), ADMIN, NOTHING),
    ("list_audit", Who::AtLeast(Role::Admin), ADMIN, NOTHING),
    ("list_entries", Who::Anyone, READ, NOTHING),
    ("stats_entries", Who::Anyone, READ, NOTHING),
    ("get_entry", Who::Anyone, READ, NOTHING),
    ("list_entry_revisions", Who::Anyone, READ, NOTHING),
    ("get_entry_revision", Who::Anyone, READ, NOTHING),
    ("get_entry_diff", Who::Anyone, READ, NOTHING),
    ("get_entry_blame", Who::Anyone, READ, NOTHING),
    ("list_entry_links", Who::Anyone, READ, NOTHING),
    ("get_entry_timegate", Who::Anyone, READ, NOTHING),
    ("get_entry_timemap", Who::Anyone, READ, NOTHING),
    ("get_entry_citation", Who::Anyone, READ, NOTHING),
    ("get_entry_revision_citation", Who::Anyone, READ, NOTHING),
    ("export_entries", Who::Anyone, READ, NOTHING),
    ("get_entries_export_manifest", Who::Anyone, READ, NOTHING),
    ("get_entry_protection", Who::Anyone, READ, NOTHING),
    ("protect_entry", Who::AtLeast(Role::Moderator), MODERATE, WORDS),
    ("create_entry", Who::AtLeast(Role::Editor), SUBMIT, ENTRY),
    ("replace_entry", Who::AtLeast(Role::Editor), SUBMIT, ENTRY),
    ("patch_entry", Who::AtLeast(Role::Editor), SUBMIT, ENTRY),
    ("retire_entry", Who::AtLeast(Role::Editor), SUBMIT, NOTHING),
    ("create_submission", Who::AtLeast(Role::Editor), SUBMIT, REQUEST),
    ("list_submissions", Who::AuthorOrModerator, READ, NOTHING),
    ("get_submission", Who::AuthorOrModerator, READ, NOTHING),
    ("replace_submission", Who::AuthorOrModerator, SUBMIT, REQUEST),
    ("get_submission_diff", Who::AuthorOrModerator, READ, NOTHING),
    ("list_submission_events", Who::AuthorOrModerator, READ, NOTHING),
    ("submit_submission", Who::AuthorOrModerator, SUBMIT, NOTHING),
    ("withdraw_submission", Who::AuthorOrModerator, SUBMIT, NOTHING),
    ("take_submission", Who::AtLeast(Role::Moderator), MODERATE, NOTHING),
    ("release_submission", Who::AtLeast(Role::Moderator), MODERATE, NOTHING),
    ("approve_submission", Who::AtLeast(Role::Moderator), MODERATE, WORDS),
    ("request_submission_changes", Who::AtLeast(Role::Moderator), MODERATE, WORDS),
    ("reject_submission", Who::AtLeast(Role::Moderator), MODERATE, WORDS),
    ("resolve_submission", Who::AuthorOrModerator, SUBMIT, REQUEST),
    ("publish_submission", Who::AtLeast(Role::Moderator), MODERATE, NOTHING),
    ("check_body", Who::AtLeast(Role::Editor), SUBMIT, ENTRY),
    ("get_submission_checks", Who::AuthorOrModerator, READ, NOTHING),
    ("list_submission_comments", Who::AuthorOrModerator, READ, NOTHING),
    ("create_submission_comment", Who::AuthorOrModerator, SUBMIT, WORDS),
    ("get_submission_comment", Who::AuthorOrModerator, READ, NOTHING),
    ("replace_submission_comment", Who::AuthorOrModerator, SUBMIT, WORDS),
    ("apply_submission_comment", Who::AuthorOrModerator, SUBMIT, NOTHING),
    ("list_notifications", Who::AtLeast(Role::Editor), READ, NOTHING),
    ("read_notifications", Who::AtLeast(Role::Editor), SUBMIT, FORM),
    ("create_batch", Who::AtLeast(Role::Editor), SUBMIT, FORM),
    ("add_submission_rows", Who::AuthorOrModerator, SUBMIT, REQUEST),
    ("set_submission_rows_aside", Who::AuthorOrModerator, SUBMIT, WORDS),
    ("list_submission_rows", Who::AuthorOrModerator, READ, NOTHING),
    ("get_submission_sample", Who::AtLeast(Role::Moderator), MODERATE, NOTHING),
    ("open_submission_row", Who::AtLeast(Role::Moderator), MODERATE, NOTHING),
    ("list_jobs", Who::AtLeast(Role::Editor), READ, NOTHING),
    ("get_job", Who::AtLeast(Role::Editor), READ, NOTHING),
    ("cancel_job", Who::AtLeast(Role::Editor), SUBMIT, NOTHING),
    ("list_changes", Who::Anyone, READ, NOTHING),
    ("stream_changes", Who::Anyone, READ, NOTHING),
    ("search", Who::Anyone, READ, NOTHING),
    ("suggest", Who::Anyone, READ, NOTHING),
    ("list_vocabularies", Who::Anyone, READ, NOTHING),
    ("list_problems", Who::Anyone, READ, NOTHING),
    ("get_problem", Who::Anyone, READ, NOTHING),
    ("health_live", Who::Anyone, READ, NOTHING),
    ("health_ready", Who::Anyone, READ, NOTHING),
    ("health_writable", Who::Anyone, READ, NOTHING),
];

/// A row of the table without the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    pub who: Who,
    /// What a key needs; `None` when no key will do.
    pub scope: Option<Scope>,
    pub body: BodySize,
}

/// The row of the operation with this id; `None` when the table does not name it. The registration of the routes asks
/// for it while the program is compiled.
pub const fn permission(operation: &str) -> Option<Permission> {
    let mut row = 0;
    while row < PERMISSIONS.len() {
        let (name, who, scope, body) = PERMISSIONS[row];
        if is_same(name, operation) {
            return Some(Permission { who, scope, body });
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
