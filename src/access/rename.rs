//! Another name for an account, by the operator; and accounts of older versions that need one.

use serde_json::json;

use super::{
    OPERATOR,
    accounts::{check_name, require_free},
    audit::{Act, note, user_subject},
};
use crate::{
    model::{errors::FieldErrors, usernames::fold},
    store::{AuditFilter, ReadTx, StoreError, UserFilter},
    usecase::{Archive, Authority, Error, Result},
};

/// Accounts looked at in one go.
const PAGE: i64 = 1_000;

/// Gives an account another name from the machine itself, and returns both. What was recorded under the old name stays so.
pub fn rename_as_operator(archive: &Archive, old: &str, new: &str) -> Result<(String, String)> {
    let new = fold(new);
    let mut errors = FieldErrors::default();
    check_name(&new, &mut errors);
    errors.into_result(()).map_err(Error::Invalid)?;
    let now = archive.now();
    archive.write(Authority::Operator, |tx| {
        // The very spelling comes first: two accounts of an older version may differ in nothing else.
        let user = match tx.user_by_spelling(old)? {
            Some(user) => Some(user),
            None => tx.user_by_name(old)?,
        };
        let user = user.ok_or(Error::NotFound("account"))?;
        require_free(tx, &new, Some(&user.id))?;
        tx.rename_user(&user, &new, now)?;
        let detail = json!({"account": user.id, "to": new});
        note(tx, now, OPERATOR, Act::UserRenamed, user_subject(&user.username), detail)?;
        Ok((user.username, new))
    })
}

/// The id of the account that had the name before it was renamed.
pub fn former_owner(tx: &mut ReadTx, username: &str) -> Result<Option<String>> {
    let action = Some(Act::UserRenamed.as_str().to_owned());
    let filter = AuditFilter { action, subject: Some(user_subject(username)), ..AuditFilter::default() };
    let Some(line) = tx.list_audit(&filter, i64::MAX, 1)?.pop() else { return Ok(None) };
    let detail: serde_json::Value = serde_json::from_str(&line.detail)
        .map_err(|e| Error::Internal(format!("line {} of the audit trail: {e}", line.seq)))?;
    Ok(detail["account"].as_str().map(str::to_owned))
}

/// Makes sure that every account can be found by its name. Older versions may have left some that cannot.
pub fn check_usernames(archive: &Archive) -> Result<()> {
    let mut unreachable = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = archive
            .store
            .read_fresh(|tx| -> Result<_> { Ok(tx.list_users(&UserFilter::default(), after.as_deref(), PAGE)?) })?;
        let Some(last) = page.last() else { break };
        after = Some(last.username.clone());
        unreachable.extend(page.into_iter().map(|user| user.username).filter(|name| fold(name) != *name));
    }
    if unreachable.is_empty() {
        return Ok(());
    }
    let commands: Vec<String> =
        unreachable.iter().map(|name| format!("  kartoteka user rename '{name}' NEW-NAME")).collect();
    let text = format!(
        "Nobody can sign in to some accounts: names are looked up in small letters and without spaces around them, and \
         theirs are stored otherwise, perhaps beside an account whose name is the same but for that. Give each another \
         name:\n{}",
        commands.join("\n")
    );
    Err(StoreError::Setup(text).into())
}
