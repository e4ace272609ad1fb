//! Every filter of people, trials and sources.

use serde_json::json;

use crate::{
    filters::{ask, coded, date, place, refs},
    harness::{TestApp, cases, create, id, person, source, trial},
};

cases![every_filter_of_the_other_kinds_finds_what_it_says];

fn every_filter_of_the_other_kinds_finds_what_it_says(app: &TestApp) {
    let (s1, s2, p1, p2, t1, t2, v1) = (id(), id(), id(), id(), id(), id(), id());
    let life = json!({
        "sex": coded("female"), "nationality": coded("jew"), "education": coded("higher"), "social_status": coded("employee"),
        "religion": coded("jewish"),
        "birth": {"date": date("1890"), "place": [{"value": {"verbatim": "Одесса", "normal": {"region": "Херсонская губерния"}}}]},
        "death": {"date": date("1938-08"), "place": place("Москва"), "kind": coded("executed"), "burial": place("Донское кладбище")},
        "professions": [{"value": {"title": "судья", "group": {"code": "law"}}}],
        "parties": [{"value": {"party": {"code": "vkpb_member"}}}],
        "residences": [{"value": {"place": {"verbatim": "Арбат"}}}],
        "family": [{"value": {"relation": {"code": "sister"}, "person": {"entry": p2}}}]
    });
    let mut full = person("Рубина", "Роза");
    full["life"] = life;
    full["names"] = json!([{"value": {"kind": "main", "family": "Рубина", "given": "Роза"}, "certainty": "probable", "rank": "preferred", "citations": [{"source": s1}]}]);
    full["tags"] = json!(["judge"]);
    let entry = |id: &str| json!([{"value": {"entry": id}}]);
    let mut court = trial("Процесс шестнадцати");
    court["kind"] = coded("open_show_trial");
    court["court"] = coded("military_collegium");
    court["opened"] = json!([{"value": {"edtf": "1936-08-19"}, "certainty": "probable", "rank": "preferred", "citations": [{"source": s1}]}]);
    court["closed"] = date("1936-08-24");
    court["publicity"] = coded("open");
    court["seat"] = place("Октябрьский зал");
    court["tags"] = json!(["moscow"]);
    for role in ["presiding", "secretary"] {
        court[role] = entry(&p1);
    }
    app.publish(json!([
        create("source", &s1, &source("Дело")),
        create("source", &s2, &json!({
            "title": {"ru": "Книга памяти"}, "kind": coded("memory_book_entry")[0]["value"].clone(), "tags": ["book"], "languages": ["tt"],
        })),
        create("person", &p1, &full),
        create("person", &p2, &person("Другая", "Вера")),
        create("trial", &t1, &court),
        create("trial", &t2, &trial("Другой")),
        create("victim", &v1, &json!({"names": [{"value": {"kind": "main", "family": "Рубина"}}]})),
    ]));
    assert_eq!(refs(app, "/v1/people?tag=judge"), "P1");
    ask(
        app,
        "/v1/people",
        "P",
        &[
            ("name=роза", "1"),
            ("sex=female", "1"),
            ("birth=1890", "1"),
            ("birth_from=1890", "1"),
            ("birth_to=1889", ""),
            ("death=1938-08-10", "1"),
            ("death_from=1938-09", ""),
            ("death_to=1938-08-01", "1"),
            ("death_kind=executed", "1"),
            ("nationality=jew", "1"),
            ("profession=law", "1"),
            ("party=vkpb_member", "1"),
            ("living=true", ""),
            ("tag=judge", "1"),
            ("birthplace=одесса", "1"),
            ("birth_region=Херсонская губерния", "1"),
            ("residence=арбат", "1"),
            ("death_place=москва", "1"),
            ("education=higher", "1"),
            ("social_status=employee", "1"),
            ("religion=jewish", "1"),
            ("occupation=судья", "1"),
            ("burial=донское", "1"),
            ("source_count=1", "1"),
            ("source_count_from=1", "1"),
            ("source_count_to=0", "2"),
            ("certainty=probable", "1"),
            ("rank=name:preferred", "1"),
            ("cites=S1", "1"),
            ("relative=P2", "1"),
            ("named_by=trial.presiding,trial.secretary", "1"),
            ("named_by=person.relative", "2"),
            ("named_in_turn=trial.presiding,victim.person", ""),
            ("has=birth", "1"),
            ("not.has=birth", "2"),
        ],
    );
    ask(
        app,
        "/v1/trials",
        "T",
        &[
            ("title=шестнадцати", "1"),
            ("trial_kind=open_show_trial", "1"),
            ("court=military_collegium", "1"),
            ("opened=1936-08", "1"),
            ("opened_from=1936-08-20", ""),
            ("opened_to=1936-08-19", "1"),
            ("closed=1936-08-24", "1"),
            ("closed_from=1936-08-24", "1"),
            ("closed_to=1936-08-23", ""),
            ("publicity=open", "1"),
            ("defendant_count=0", "1 2"),
            ("defendant_count_from=1", ""),
            ("defendant_count_to=3", "1 2"),
            ("penalty=execution", ""),
            ("tag=moscow", "1"),
            ("place=октябрьский", "1"),
            ("source_count=1", "1"),
            ("source_count_from=2", ""),
            ("source_count_to=1", "1 2"),
            ("certainty=opened:probable", "1"),
            ("rank=preferred", "1"),
            ("named_by=victim.trial", ""),
            ("named_in_turn=victim.trial,victim.trial", ""),
            ("cites=S1", "1"),
            ("presiding=P1", "1"),
            ("secretary=P1", "1"),
            ("judge=P1", ""),
            ("prosecutor=P1", ""),
            ("counsel=P1", ""),
            ("defended=P1", ""),
            ("defendant=P1", ""),
            ("defendant_record=V1", ""),
            ("rehabilitation_document=S1", ""),
            ("witness=P1", ""),
            ("expert=P1", ""),
            ("document=S1", ""),
            ("related_trial=T2", ""),
            ("has=presiding", "1"),
        ],
    );
    ask(
        app,
        "/v1/sources",
        "S",
        &[
            ("title=книга памяти", "2"),
            ("type=memory_book_entry", "2"),
            ("date=1937", ""),
            ("date_from=1937", ""),
            ("date_to=1937", ""),
            ("repository=ga_rf", ""),
            ("fond=1", ""),
            ("opis=1", ""),
            ("delo=1", ""),
            ("reliability=high", ""),
            ("creator_name=a", ""),
            ("language=tt", "2"),
            ("tag=book", "2"),
            ("source_count=0", "1 2"),
            ("source_count_from=1", ""),
            ("source_count_to=0", "1 2"),
            ("certainty=disputed", ""),
            ("rank=deprecated", ""),
            ("named_by=person.cites,trial.cites", "1"),
            ("named_in_turn=trial.cites,trial.document", ""),
            ("cites=S1", ""),
            ("creator=P1", ""),
            ("part_of=S1", ""),
            ("known_through=S1", ""),
            ("has=tag", "2"),
        ],
    );
}
