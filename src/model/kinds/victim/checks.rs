//! What the checks have to know of a victim record.

use crate::model::checks::{
    Age, CheckCode, CheckRules, Chronology, Compare, Comparison, Event, Expectation, Identity, LifeSpan, Listed, Point,
};

pub(super) const RULES: CheckRules = CheckRules {
    chronologies: &[Chronology {
        within: "",
        events: &[
            Event::once("birth", "life.birth.date"),
            Event::once("arrest", "arrest.date"),
            Event::each("interrogation", "investigation.interrogations.date"),
            Event::once("sentence", "sentencing.date"),
            Event::each("change of the sentence", "sentence_changes.date"),
            Event::once("execution", "execution.date"),
            Event::once("release", "release.date"),
            Event::once("death", "life.death.date"),
            Event::each("rehabilitation", "rehabilitation.date"),
        ],
        outer: &[],
        order: &[
            ("birth", "arrest"),
            ("birth", "sentence"),
            ("birth", "execution"),
            ("birth", "release"),
            ("birth", "death"),
            ("arrest", "sentence"),
            ("arrest", "execution"),
            ("arrest", "release"),
            ("arrest", "death"),
            ("arrest", "rehabilitation"),
            ("interrogation", "execution"),
            ("interrogation", "death"),
            ("sentence", "change of the sentence"),
            ("sentence", "execution"),
            ("sentence", "death"),
            ("sentence", "rehabilitation"),
            ("release", "death"),
        ],
        same: &[("execution", "death")],
    }],
    life: Some(LifeSpan {
        birth: "life.birth.date",
        deaths: &["execution.date", "life.death.date"],
        death_parts: &["execution", "life.death"],
        stated_age: "life.birth.stated_age",
        names: "names",
        sex: "life.sex",
        nationality: "life.nationality",
        living: None,
        // Children were deported and sentenced with their families.
        ages: &[
            Age::at("arrest", "arrest.date", 10),
            Age::at("sentence", "sentencing.date", 0),
            Age::at("execution", "execution.date", 10),
            Age::at("death", "life.death.date", 0),
        ],
    }),
    comparisons: &[
        Comparison {
            via: "person",
            code: CheckCode::PersonDisagrees,
            points: &[
                Point { name: "date of birth", own: "life.birth.date", there: "life.birth.date", how: Compare::Dates },
                Point { name: "date of death", own: "life.death.date", there: "life.death.date", how: Compare::Dates },
                Point {
                    name: "date of execution",
                    own: "execution.date",
                    there: "life.death.date",
                    how: Compare::Dates,
                },
                Point { name: "sex", own: "life.sex", there: "life.sex", how: Compare::Codes },
                Point { name: "name", own: "names", there: "names", how: Compare::Names },
            ],
            listed: None,
        },
        Comparison {
            via: "trial",
            code: CheckCode::TrialDisagrees,
            points: &[
                Point { name: "sentence", own: "sentencing.date", there: "opened", how: Compare::Until("closed") },
                Point { name: "sentencing body", own: "sentencing.body", there: "court", how: Compare::Codes },
            ],
            listed: Some(Listed {
                list: "defendants",
                references: &["person", "record"],
                own: &["person"],
                names: "names",
            }),
        },
    ],
    identity: Some(Identity {
        names: Some("names"),
        titles: Some("group.title"),
        first_date: Event::once("birth", "life.birth.date"),
        other_dates: &[
            Event::once("arrest", "arrest.date"),
            Event::once("sentence", "sentencing.date"),
            Event::once("execution", "execution.date"),
        ],
        equal: &[(&["person.entry"], "person", 20)],
    }),
    expectations: &[Expectation {
        code: CheckCode::SentenceWithoutArrest,
        when: "repression_type",
        codes: &["arrest", "criminal_political", "criminal_as_political"],
        given: &["sentencing", "sentence"],
        missing: "arrest",
        detail: "A sentence is recorded, but no arrest.",
    }],
    ..CheckRules::NONE
};
