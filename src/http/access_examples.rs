//! Examples of answers of the door: accounts, sessions, keys and the audit trail.

use serde_json::{Value, json};

use super::examples::{AFTER, BEFORE, ENTRY, page};

/// The example for the schema with this name.
pub fn of_schema(name: &str) -> Option<Value> {
    Some(match name {
        "TokenPair" => json!({
            "access_token": "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl", "token_type": "Bearer", "expires_in": 900,
            "refresh_token": "m3yJ0n4yqLxQ7b8cV1kz5w"
        }),
        "Jwks" => json!({"keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "9f2c4b1d7e3a5c60",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
        }]}),
        "AccountView" => json!({"id": ENTRY, "username": "anna", "role": "editor", "created_at": BEFORE}),
        "Page_SessionView" => page(json!({
            "id": ENTRY, "current": true, "created_at": BEFORE, "last_used_at": AFTER, "expires_at": AFTER,
            "address": "192.0.2.7", "user_agent": "Mozilla/5.0"
        })),
        "TotpView" => json!({"enabled": true, "recovery_codes_left": 9}),
        "Enrolment" => json!({
            "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            "otpauth_uri": "otpauth://totp/kartoteka:anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=kartoteka"
        }),
        "RecoveryCodes" => json!({"recovery_codes": ["k7m2-q9xa-b3dw-t5ye"]}),
        "Page_ApiKeyView" => page(api_key()),
        "NewApiKeyView" => with(api_key(), "key", "krt_k7m2q9xa_m3yJ0n4yqLxQ7b8cV1kz5wm3yJ0n4yqLxQ7b8cV1kz"),
        "Page_UserView" => page(user()),
        "UserView" => user(),
        "ResetView" => json!({"reset_token": "m3yJ0n4yqLxQ7b8cV1kz5w", "expires_at": AFTER}),
        "Page_InvitationView" => page(invitation()),
        "NewInvitationView" => with(invitation(), "invitation_token", "m3yJ0n4yqLxQ7b8cV1kz5w"),
        "Page_AuditView" => page(json!({
            "seq": 12, "at": AFTER, "actor": "admin", "action": "role_changed", "subject": "user anna",
            "detail": {"from": "editor", "to": "moderator"}
        })),
        "JobView" => job(),
        "Page_JobView" => page(job()),
        _ => return None,
    })
}

fn with(mut example: Value, field: &str, value: &str) -> Value {
    example[field] = json!(value);
    example
}

fn job() -> Value {
    json!({
        "id": ENTRY, "kind": "publish", "state": "running", "submission": "0199b2c4-7d1e-7c3a-9f52-3f0a8c1d2e4c",
        "owner": "moderator", "done": 1200, "total": 20000, "result": null, "failure": null, "created_at": BEFORE,
        "updated_at": AFTER, "ended_at": null
    })
}

fn api_key() -> Value {
    json!({
        "id": ENTRY, "name": "Import of the memorial book", "prefix": "k7m2q9xa", "scopes": ["submit"],
        "created_at": BEFORE, "expires_at": AFTER, "last_used_at": null
    })
}

fn user() -> Value {
    json!({
        "id": ENTRY, "username": "anna", "role": "editor", "disabled": false, "trusted": false, "totp_enabled": true,
        "created_at": BEFORE, "updated_at": AFTER
    })
}

fn invitation() -> Value {
    json!({
        "id": ENTRY, "role": "editor", "note": "For Anna of the memorial book", "state": "open", "created_by": "admin",
        "created_at": BEFORE, "expires_at": AFTER, "used_by": null
    })
}
