//! Statistics as tables and as pictures.

use serde_json::{Value, json};

use crate::harness::{TestApp, cases, create, id, source, victim};

cases![tables_quote_what_has_to_be_quoted, charts_are_well_formed_and_say_what_they_show];

fn tables_quote_what_has_to_be_quoted(app: &TestApp) {
    let s = id();
    let mut record = victim("A", "1937", &s);
    record["tags"] = json!(["plain", "with, comma", "with \"quotes\"", "два\nряда"]);
    app.publish(json!([create("source", &s, &source("A")), create("victim", &id(), &record)]));
    app.publish(json!([create("victim", &id(), &victim("B", "1938", &s))]));
    let table = app.anyone.get("/v1/stats/victims?by=tag,arrested_year&format=csv").expect(200);
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8; header=present");
    let mut lines = table.text.split("\r\n");
    assert_eq!(lines.next(), Some("tag,arrested_year,count"));
    for line in [
        "plain,1937,1",
        "\"with \"\"quotes\"\"\",1937,1",
        "\"with, comma\",1937,1",
        "\"два\nряда\",1937,1",
        ",1938,1",
        "",
    ] {
        assert_eq!(lines.next(), Some(line));
    }
    assert_eq!(lines.next(), None);
}

fn charts_are_well_formed_and_say_what_they_show(app: &TestApp) {
    let s = id();
    let mut changes = vec![create("source", &s, &source("A"))];
    for i in 0..45 {
        let mut record = victim("A", &format!("19{:02}-0{}", 20 + i % 30, 1 + i % 9), &s);
        record["tags"] = json!([format!("<script>alert('{i}')</script> & \u{ffff}")]);
        changes.push(create("victim", &id(), &record));
    }
    changes.push(create("victim", &id(), &victim("A", "1900/1950", &s)));
    app.publish(Value::Array(changes));
    for by in [
        "arrested_year",
        "arrested_decade",
        "arrested_month",
        "arrested_day",
        "tag",
        "arrested_year,tag",
        "tag,sex",
        "age_at_arrest",
        "group",
        "arrested_month,tag",
    ] {
        let chart = app.anyone.get(&format!("/v1/stats/victims?by={by}&format=svg")).expect(200);
        assert_eq!(chart.header("content-type"), "image/svg+xml");
        assert!(chart.header("content-security-policy").starts_with("default-src 'none'"));
        well_formed(&chart.text);
        assert!(chart.text.starts_with("<svg ") && chart.text.contains(" role=\"img\""), "{}", &chart.text[..200]);
        let title = format!("<title id=\"title\">victims by {}</title>", by.replace(',', " and "));
        assert!(chart.text.contains(&title), "{by}");
        assert!(chart.text.contains("<desc id=\"desc\">46 in total"), "{by}");
        assert!(!chart.text.contains("<script") && !chart.text.contains('\u{ffff}'), "{by}");
    }
    let by_year = app.anyone.get("/v1/stats/victims?by=arrested_year&format=svg").expect(200).text;
    assert!(by_year.contains("46 in total, 1 of them without a value"));
    assert_eq!(by_year.matches("<rect").count(), 31, "thirty bars and the paper");
    assert!(by_year.contains("\n1920\n"));
    let by_month = app.anyone.get("/v1/stats/victims?by=arrested_month&format=svg").expect(200).text;
    assert!(by_month.contains("<polyline"), "many points are joined by lines");
    let filtered = app.anyone.get("/v1/stats/victims?by=sex&tag=%3Cb%3E%26&format=svg").expect(200).text;
    assert!(filtered.contains("tag=&lt;b&gt;&amp;") && filtered.contains("Nothing to draw."));
    well_formed(&filtered);
}

/// A small check of XML: every element is closed in its order, and no text holds a bare sign.
fn well_formed(xml: &str) {
    let mut open = Vec::new();
    let mut rest = xml;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        let is_entity = |part: &str| ["amp;", "lt;", "gt;", "quot;", "apos;"].iter().any(|e| part.starts_with(e));
        assert!(text.split('&').skip(1).all(is_entity) && !text.contains('>'), "{text}");
        let end = tag.find('>').expect("a tag ends");
        let inside = &tag[1..end];
        assert_eq!(inside.matches('"').count() % 2, 0, "{inside}");
        assert!(!inside.contains('<'), "{inside}");
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{inside}");
        } else if !inside.ends_with('/') {
            open.push(inside.split_whitespace().next().unwrap());
        }
        rest = &tag[end + 1..];
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} {rest}");
}
