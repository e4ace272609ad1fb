//! The tables as diesel sees them: one description for both databases, with the portable types only.

diesel::table! {
    users (id) {
        id -> Text, username -> Text, role -> Text, password_hash -> Text, disabled -> Bool,
        created_at -> BigInt, updated_at -> BigInt, trusted -> Bool,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text, user_id -> Text, created_at -> BigInt, expires_at -> BigInt, ended_at -> Nullable<BigInt>,
        last_used_at -> BigInt, address -> Nullable<Text>, user_agent -> Nullable<Text>,
    }
}

diesel::table! {
    refresh_tokens (hash) {
        hash -> Text, session_id -> Text, created_at -> BigInt, used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    secrets (name) {
        name -> Text, value -> Text, created_at -> BigInt,
    }
}

diesel::table! {
    signing_keys (kid) {
        kid -> Text, seed -> Text, created_at -> BigInt, retires_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    invitations (id) {
        id -> Text, token_hash -> Text, role -> Text, note -> Nullable<Text>, is_setup -> Bool, created_by -> Text,
        created_at -> BigInt, expires_at -> BigInt, used_at -> Nullable<BigInt>, used_by -> Nullable<Text>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    password_resets (token_hash) {
        token_hash -> Text, user_id -> Text, issued_by -> Text, created_at -> BigInt, expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    totp (user_id) {
        user_id -> Text, secret -> Text, created_at -> BigInt, confirmed_at -> Nullable<BigInt>, last_step -> BigInt,
        failures -> BigInt, failed_at -> BigInt,
    }
}

diesel::table! {
    recovery_codes (user_id, hash) {
        user_id -> Text, hash -> Text, created_at -> BigInt, used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Text, user_id -> Text, name -> Text, prefix -> Text, hash -> Text, scopes -> Text, created_at -> BigInt,
        expires_at -> Nullable<BigInt>, last_used_at -> Nullable<BigInt>, revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    idempotency (principal, idempotency_key) {
        principal -> Text, idempotency_key -> Text, fingerprint -> Text, attempt -> Text, started_at -> BigInt,
        answer -> Nullable<Text>,
    }
}

diesel::table! {
    entries (id) {
        id -> Text, kind -> Text, ref_number -> BigInt,
        #[sql_name = "ref"]
        reference -> Text,
        status -> Text, head -> BigInt, hash -> Text, label -> Text, sort_key -> Text, summary -> Text,
        created_at -> BigInt, updated_at -> BigInt, reason -> Nullable<Text>, merged_into -> Nullable<Text>,
    }
}

diesel::table! {
    revisions (entry_id, number) {
        entry_id -> Text, number -> BigInt, op -> Text, status -> Text, body -> Text, hash -> Text,
        parent_hash -> Nullable<Text>, label -> Text, reason -> Nullable<Text>, submission_id -> Text,
        submission_version -> BigInt, author -> Text, reviewers -> Text, summary -> Text, at -> BigInt, seq -> BigInt,
        merged_base -> Nullable<BigInt>, proposed_hash -> Nullable<Text>, counterpart_id -> Nullable<Text>, contributors -> Text,
    }
}

diesel::table! {
    feed (seq) {
        seq -> BigInt, at -> BigInt, event_type -> Text, entry_id -> Text, revision -> BigInt, submission_id -> Text,
        summary -> Text,
    }
}

diesel::table! {
    links (from_id, position) {
        from_id -> Text, position -> BigInt, rel -> Text, pointer -> Text, to_id -> Text, named_id -> Text,
    }
}

diesel::table! {
    facts (entry_id, name, value) {
        entry_id -> Text, kind -> Text, name -> Text, value -> Text,
    }
}

diesel::table! {
    submissions (id) {
        id -> Text, state -> Text, version -> BigInt, summary -> Text, author_id -> Text, author -> Text,
        created_at -> BigInt, updated_at -> BigInt, submitted_at -> Nullable<BigInt>, decided_at -> Nullable<BigInt>,
        form -> Text, contents_version -> BigInt, writers -> Text, assignee_id -> Nullable<Text>,
        assignee -> Nullable<Text>, lease_until -> Nullable<BigInt>, severity -> BigInt,
    }
}

diesel::table! {
    submission_changes (submission_id, version, position) {
        submission_id -> Text, version -> BigInt, position -> BigInt, op -> Text, kind -> Text, entry_id -> Text,
        base -> Nullable<BigInt>, body -> Nullable<Text>, label -> Text, to_revision -> Nullable<BigInt>,
        reason -> Nullable<Text>, into_id -> Nullable<Text>, into_base -> Nullable<BigInt>, into_body -> Nullable<Text>,
    }
}

diesel::table! {
    reviews (submission_id, number) {
        submission_id -> Text, number -> BigInt, version -> BigInt, reviewer_id -> Text, reviewer -> Text,
        decision -> Text, comment -> Nullable<Text>, at -> BigInt,
    }
}

diesel::table! {
    submission_events (submission_id, number) {
        submission_id -> Text, number -> BigInt, at -> BigInt, actor -> Text, action -> Text,
        from_state -> Nullable<Text>, to_state -> Text, version -> BigInt, comment -> Nullable<Text>,
        via -> Nullable<Text>,
    }
}

diesel::table! {
    submission_checks (submission_id, position, number) {
        submission_id -> Text, position -> BigInt, number -> BigInt, code -> Text,
        severity -> BigInt, finding -> Text,
    }
}

diesel::table! {
    comments (id) {
        id -> Text, submission_id -> Text, number -> BigInt, parent_id -> Nullable<Text>, author_id -> Text,
        author -> Text, version -> BigInt, pointer -> Nullable<Text>, suggestion -> Nullable<Text>, at -> BigInt,
    }
}

diesel::table! {
    comment_texts (comment_id, number) {
        comment_id -> Text, number -> BigInt, text -> Text, at -> BigInt,
    }
}

diesel::table! {
    protection_changes (entry_id, version) {
        entry_id -> Text, version -> BigInt, old_level -> Text, new_level -> Text, by_id -> Nullable<Text>, at -> BigInt,
    }
}

diesel::table! {
    protections (entry_id) {
        entry_id -> Text, level -> Text, reason -> Text, set_by -> Text, at -> BigInt, version -> BigInt,
    }
}

diesel::table! {
    notifications (user_id, number) {
        user_id -> Text, number -> BigInt, at -> BigInt, action -> Text, actor -> Text, submission_id -> Text,
        summary -> Text, read_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    audit (seq) {
        seq -> BigInt, at -> BigInt, actor -> Text, action -> Text, subject -> Text, detail -> Text,
        via -> Nullable<Text>,
    }
}

diesel::table! {
    batch_sample (submission_id, reviewer_id, position) {
        submission_id -> Text, reviewer_id -> Text, position -> BigInt, at -> BigInt,
    }
}

diesel::table! {
    batch_rows (submission_id, position) {
        submission_id -> Text, position -> BigInt, outcome -> Text, detail -> Nullable<Text>,
    }
}

diesel::table! {
    jobs (id) {
        id -> Text, kind -> Text, subject -> Text, owner_id -> Text, owner -> Text, state -> Text, done -> BigInt,
        total -> Nullable<BigInt>, result -> Nullable<Text>, failure -> Nullable<Text>, created_at -> BigInt,
        updated_at -> BigInt, ended_at -> Nullable<BigInt>, leased_by -> Nullable<Text>, lease_until -> Nullable<BigInt>,
    }
}

// PostgreSQL has a column `words` too, SQLite a table `search_text`: see `store/search/`.
diesel::table! {
    search_documents (doc) {
        doc -> BigInt, entry_id -> Text, names -> Text, titles -> Text, label -> Text,
    }
}

diesel::table! {
    search_names (key, doc) {
        key -> BigInt, doc -> BigInt,
    }
}

diesel::table! {
    search_words (key, word) {
        key -> BigInt, word -> Text,
    }
}

diesel::table! {
    search_forms (form, doc) {
        form -> Text, doc -> BigInt,
    }
}

diesel::table! {
    derived_state (name) {
        name -> Text, value -> Text,
    }
}

diesel::joinable!(search_documents -> entries (entry_id));
diesel::allow_tables_to_appear_in_same_query!(entries, revisions, links, facts, feed, search_documents);
diesel::allow_tables_to_appear_in_same_query!(search_names, search_documents);
diesel::allow_tables_to_appear_in_same_query!(submissions, submission_changes, submission_checks, batch_rows);
diesel::allow_tables_to_appear_in_same_query!(comments, comment_texts);
