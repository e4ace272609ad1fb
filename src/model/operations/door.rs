//! The operations of the door: signing in and coming in, the account that calls, and accounts as administrators manage
//! them. No key touches passwords, second factors, keys and sessions, nor gives new ways in: one that leaks must not
//! outlive its revocation.

use super::{Operation, delete, get, patch, post, put};
use crate::model::{budgets::Budget, limits::BodySize::Form, permissions::Scope};

/// What they are, one declaration each.
pub(super) const OPERATIONS: &[Operation] = &[
    post("login", "/v1/auth/login").anyone().body(Form).secret().budget(Budget::Auth).before_enrolment(),
    post("refresh", "/v1/auth/refresh").anyone().body(Form).secret().budget(Budget::Session).before_enrolment(),
    post("logout", "/v1/auth/logout").anyone().body(Form).secret().budget(Budget::Session).before_enrolment(),
    post("register", "/v1/auth/register").anyone().body(Form).secret().budget(Budget::Auth).before_enrolment(),
    post("reset_password", "/v1/auth/reset-password")
        .anyone()
        .body(Form)
        .secret()
        .budget(Budget::Auth)
        .before_enrolment(),
    get("get_jwks", "/.well-known/jwks.json").anyone().scope(Scope::Read),
    get("get_me", "/v1/me").editors().scope(Scope::Read).before_enrolment(),
    put("change_password", "/v1/me/password").editors().body(Form).secret().before_enrolment(),
    get("list_sessions", "/v1/me/sessions").editors().before_enrolment(),
    delete("end_other_sessions", "/v1/me/sessions").editors().ends().before_enrolment(),
    delete("end_session", "/v1/me/sessions/{id}").editors().ends().before_enrolment(),
    get("get_totp", "/v1/me/totp").editors().before_enrolment(),
    post("enrol_totp", "/v1/me/totp").editors().body(Form).secret().before_enrolment(),
    post("confirm_totp", "/v1/me/totp/confirm").editors().body(Form).secret().before_enrolment(),
    delete("remove_totp", "/v1/me/totp").editors().body(Form).secret().before_enrolment(),
    get("list_api_keys", "/v1/me/api-keys").editors().before_enrolment(),
    post("create_api_key", "/v1/me/api-keys").editors().body(Form).secret().before_enrolment(),
    delete("revoke_api_key", "/v1/me/api-keys/{id}").editors().ends().before_enrolment(),
    get("list_users", "/v1/users").admins().scope(Scope::Admin),
    get("get_user", "/v1/users/{id}").admins().scope(Scope::Admin),
    patch("change_user", "/v1/users/{id}").admins().scope(Scope::Admin).body(Form).if_match(),
    get("list_user_api_keys", "/v1/users/{id}/api-keys").admins(),
    delete("revoke_user_api_key", "/v1/users/{id}/api-keys/{key_id}").admins().ends(),
    get("list_user_sessions", "/v1/users/{id}/sessions").admins(),
    delete("end_user_sessions", "/v1/users/{id}/sessions").admins().ends(),
    post("issue_password_reset", "/v1/users/{id}/password-reset").admins().secret(),
    post("create_invitation", "/v1/invitations").admins().body(Form).secret(),
    get("list_invitations", "/v1/invitations").admins().scope(Scope::Admin),
    delete("revoke_invitation", "/v1/invitations/{id}").admins().scope(Scope::Admin).ends(),
    get("list_audit", "/v1/audit").admins().scope(Scope::Admin),
];
