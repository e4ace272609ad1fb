//! Every route of the document against the table of who may call it.

use kartoteka::{
    http::document,
    model::permissions::{PERMISSIONS, Role, Who, who_may},
};
use serde_json::{Value, json};

use crate::harness::{TestApp, cases};

cases![every_route_asks_for_the_role_of_its_row];

/// The operation of the table for one of the document: `list_people` stands there as `list_entries`.
fn row_of(operation: &str) -> Option<Who> {
    let kinds = kartoteka::model::kinds::REGISTRY;
    who_may(operation).or_else(|| {
        let general = kinds.iter().fold(operation.to_owned(), |id, kind| {
            let words: Vec<&str> = id.split('_').collect();
            let replaced: Vec<&str> = words
                .iter()
                .map(|w| {
                    if *w == kind.path {
                        "entries"
                    } else if *w == kind.name {
                        "entry"
                    } else {
                        w
                    }
                })
                .collect();
            replaced.join("_")
        });
        who_may(&general)
    })
}

fn every_route_asks_for_the_role_of_its_row(app: &TestApp) {
    let document = document();
    let mut walked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            let who = row_of(id).unwrap_or_else(|| panic!("{id} is not in the table"));
            let address = path
                .replace("{id}", "0199b2c4-0000-7000-8000-00000000ffff")
                .replace("{number}", "1")
                .replace("{code}", "x");
            let callers = [
                (None, &app.anyone),
                (Some(Role::Editor), &app.editor),
                (Some(Role::Moderator), &app.moderator),
                (Some(Role::Admin), &app.admin),
            ];
            for (role, caller) in callers {
                let body = Some(json!({}).to_string().into_bytes());
                let caller = caller.with("Content-Type", "application/json").with("If-Match", "*");
                let answer = caller.send(&method.to_uppercase(), &address, body);
                let cell = format!("{id} as {role:?}: {} {}", answer.status, answer.text);
                match (who.least_role(), role) {
                    (Some(_), None) => assert_eq!(code(&answer.json()), "unauthenticated", "{cell}"),
                    (Some(least), Some(role)) if role < least => {
                        assert_eq!(code(&answer.json()), "forbidden", "{cell}")
                    }
                    _ => assert!(![401, 403, 405, 500].contains(&answer.status), "{cell}"),
                }
                walked += 1;
            }
        }
    }
    assert!(walked > 4 * PERMISSIONS.len());
}

fn code(problem: &Value) -> &str {
    problem["code"].as_str().unwrap()
}
