//! What signing in costs under names that no account has.

use std::time::Duration;

use kartoteka::{
    access::{Access, Client, PasswordPolicy, Passwords, Secret, SignIn, TokenSettings, create_user},
    model::permissions::Role,
};
use serde_json::json;

use crate::harness::{PASSWORD, TestApp, cases};

cases![names_without_account_cost_what_accounts_cost];

fn names_without_account_cost_what_accounts_cost(app: &TestApp) {
    let policy = |memory_kib: u32| PasswordPolicy { memory_kib, passes: 1, at_once: 1, wait: Duration::from_secs(5) };
    let open = |memory_kib| Access::open(&app.archive, policy(memory_kib), TokenSettings::default(), vec![]).unwrap();
    let costs = |access: &Access, name: &str| {
        let hash = access.account_and_hash(&app.archive, name).unwrap().1;
        hash.split('$').take(4).collect::<Vec<_>>().join("$")
    };
    let of = |memory_kib: u32| format!("$argon2id$v=19$m={memory_kib},t=1,p=1");
    let share = |access: &Access, memory_kib| {
        (0..1000).filter(|n| costs(access, &format!("nobody{n}")) == of(memory_kib)).count()
    };
    // The five accounts of the harness have 64 KiB. Nobody has the new ones yet: then nobody seems to.
    let raised = open(128);
    assert_eq!(share(&raised, 64), 1000);
    let passwords = Passwords::new(policy(128)).unwrap();
    for n in 0..5 {
        create_user(&app.archive, &passwords, &format!("new{n}"), Role::Editor, &Secret::new(PASSWORD)).unwrap();
    }
    app.admin.with("If-Match", "*").patch("/v1/users/editor2", &json!({"disabled": true})).expect(200);
    let raised = open(128);
    let (old, new) = (share(&raised, 64), share(&raised, 128));
    assert_eq!(old + new, 1000, "no other costs");
    assert!((400..600).contains(&old), "half of the accounts have each: {old}");
    for n in 0..50 {
        let name = format!("nobody{n}");
        let first = costs(&raised, &name);
        assert_eq!(costs(&raised, &name), first, "the same every time");
        assert_eq!(costs(&raised, &name.to_uppercase()), first, "however it is written");
        assert_eq!(costs(&open(128), &name), first, "in every instance");
    }
    // Accounts have their own, disabled or not, and whatever the server has now.
    for (name, memory_kib) in [("editor", 64), ("editor2", 64), ("new0", 128)] {
        let (user, hash) = raised.account_and_hash(&app.archive, name).unwrap();
        assert_eq!((user.unwrap().password_hash == hash, costs(&raised, name)), (true, of(memory_kib)));
    }
    // Names that could be no account's are like others, and no password fits them.
    for name in ["", "No name at all", "ж"] {
        let (user, hash) = raised.account_and_hash(&app.archive, name).unwrap();
        assert!(user.is_none());
        assert!(!raised.passwords.verify(&Secret::new(PASSWORD), Some(&hash)).unwrap());
    }
    // A right password that does not get in leaves the hash as it is: making one would take its time.
    let client = Client::default();
    let attempt = |name: &str| {
        let sign_in = SignIn { username: name.into(), password: Secret::new(PASSWORD), otp: None };
        raised.login(&app.archive, &sign_in, &client).is_ok()
    };
    assert!(!attempt("editor2"));
    assert_eq!(costs(&raised, "editor2"), of(64));
    assert!(attempt("editor"));
    assert_eq!(costs(&raised, "editor"), of(128));
}
