use serde_json::json;

use super::*;
use crate::model::kinds::KindDescriptor;

fn stems(text: &str) -> Vec<String> {
    words(text).into_iter().map(|w| w.stem).collect()
}

#[test]
fn words_of_one_stem_fall_together() {
    for (one, other) in [
        ("расстрелян", "расстреляны"),
        ("Ивановский", "ивановскому"),
        ("Тройкой", "тройка"),
        ("дѣло", "дела"),
        ("Ёлка", "елки"),
        ("архивъ", "архива"),
        ("executions", "Execution"),
        ("confessed", "confessing"),
        ("cафе", "сафе"),
        ("Kаменев", "Каменева"),
    ] {
        assert_eq!(stems(one), stems(other), "{one} {other}");
    }
    assert_ne!(stems("война"), stems("воин"));
    // As docs/search.md says.
    assert_eq!(stems("расстрелян"), ["расстрел"]);
    assert_eq!(stems("Иванов"), stems("Иван"));
    assert_eq!(stems("58-10 ч. 2"), ["58", "10", "ч", "2"]);
}

#[test]
fn questions_are_words_phrases_and_beginnings() {
    let word = |stem: &str| Term::Word { stem: stem.into() };
    assert_eq!(asked("высшая мера").terms, [word("высш"), word("мер")]);
    assert_eq!(asked("«высшая мера» 1937").terms, [Term::Phrase(vec!["высш".into(), "мер".into()]), word("1937")]);
    assert_eq!(asked("расстр*").terms, [Term::Prefix("расстр".into())]);
    assert_eq!(asked("\"мера").terms, [word("мер")]);
    for empty in ["", "%", "_ * ( ) \" '", "***", "&|!:<->"] {
        assert!(asked(empty).is_empty(), "{empty}");
    }
    // What is an operator elsewhere is a word here.
    assert_eq!(asked("NOT NEAR(a b)").terms, [word("not"), word("near"), word("a"), word("b")]);
}

#[test]
fn snippets_are_safe_and_show_the_field() {
    let body = json!({
        "biography": {"ru": "Родился в деревне. Был <b>арестован</b> & расстрелян в Бутове."},
        "names": [{"rank": "normal", "value": {"family": "Ежов", "kind": "main"}}]
    });
    let snippet = |body: &serde_json::Value, text: &str| Snippets::new(&asked(text)).of(&body.to_string());
    let found = snippet(&body, "расстреляны").unwrap();
    assert_eq!(found.field, "biography");
    assert_eq!(
        found.html,
        "Родился в деревне. Был &lt;b&gt;арестован&lt;/b&gt; &amp; <mark>расстрелян</mark> в Бутове."
    );
    assert_eq!(snippet(&body, "Ежову").unwrap().html, "<mark>Ежов</mark>");
    assert_eq!(snippet(&body, "main"), None);
    // Letters that are written with two signs, as some systems do.
    let apart = json!({"summary": {"ru": "Буи\u{306}ков"}});
    for asked_as in ["Буйков", "Буи\u{306}ков", "буик*"] {
        assert!(snippet(&apart, asked_as).is_some(), "{asked_as}");
    }
}

#[test]
fn words_of_fields_are_marked() {
    let kind = KindDescriptor::by_path("victims").unwrap();
    let body = (kind.example)();
    let document = document(kind, &kind.accept(body, &Default::default(), None).unwrap().value, "Кузьмин");
    let field = kind.field("burial").unwrap();
    let Some(Matching::All(words)) = field_word(kind, field, "Бутово") else { panic!() };
    for word in words.iter().chain([&has_field(kind, field)]) {
        let Matching::Word(word) = word else { panic!() };
        assert!(document.marks.contains(word), "{word} in {:?}", document.marks);
    }
    assert!(document.marks.contains("1=кузьмин"));
    assert!(document.stems.contains(&Some(stems("Бутово").remove(0))));
    assert!(!document.stems.iter().flatten().any(|s| s == "main" || s == "normal"));
}

#[test]
fn suggestions_begin_as_written_and_as_spelt_otherwise() {
    let keys = search_keys(&["Ежов Николай Иванович".into()], &[], "");
    for typed in ["Еж", "ежов ни", "Николай Иван", "Yezh", "Jezo", "Ежовъ "] {
        let found = suggestion_forms(typed);
        assert!(found.iter().any(|f| keys.forms.iter().any(|k| k.starts_with(f.as_str()))), "{typed}: {found:?}");
    }
    assert!(suggestion_forms(" %").is_empty());
}
