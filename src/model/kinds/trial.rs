//! Kind `trial`: a court case or the sitting of a body that sentenced without a court.

use serde_json::json;

use super::{Field, FieldType, IdentifiedList, Kind, ReferenceRule};
use crate::model::{
    checks::{CheckCode, CheckRules, Chronology, Event, Identity, Presence},
    errors::{FieldCode, FieldErrors},
    linked_data::{LinkedData, Shape, maps},
    parts::{
        Attachment, Claim, ClaimId, Coded, ExternalId, HistoricalDate, LocalizedText, Place, Reference, claim,
        penalty::{Article, Rehabilitation, Sentence},
    },
    record::record,
    vocabularies::{
        repression::{RehabilitationBody, SentencingBody},
        trial as vocab,
    },
};

record! {
    /// A trial.
    Trial;
    required {
        /// Official and common titles; at least one with a value.
        titles: Vec<Claim<Title>>,
    }
    optional {
        kind: Vec<Claim<Coded<vocab::TrialKind>>>,
        court: Vec<Claim<Coded<SentencingBody>>>,
        seat: Vec<Claim<Place>>,
        opened: Vec<Claim<HistoricalDate>>,
        closed: Vec<Claim<HistoricalDate>>,
        sessions: Vec<Claim<Session>>,
        publicity: Vec<Claim<Coded<vocab::Publicity>>>,
        presiding: Vec<Claim<Reference>>,
        panel: Vec<Claim<Reference>>,
        secretary: Vec<Claim<Reference>>,
        prosecutors: Vec<Claim<Reference>>,
        /// Counsel; a claim with the status `none` says that there was no defence.
        defence: Vec<Claim<Defence>>,
        defendants: Vec<Defendant>,
        witnesses: Vec<Claim<Reference>>,
        experts: Vec<Claim<Reference>>,
        /// Indictment, transcript, political decision, press coverage.
        documents: Vec<Claim<Document>>,
        /// What later courts and commissions made of it.
        reviews: Vec<Claim<LaterReview>>,
        related: Vec<Claim<RelatedTrial>>,
        summary: LocalizedText,
        images: Vec<Attachment>,
        external_ids: Vec<ExternalId>,
        tags: Vec<String>,
    }
}

record! {
    Title;
    required {
        text: String,
        kind: vocab::TitleKind,
    }
    optional {
        /// BCP 47 language tag.
        lang: Option<String>,
    }
}

record! {
    Session;
    optional {
        date: Option<HistoricalDate>,
        place: Option<Place>,
        text: Option<String>,
    }
}

record! {
    Defence;
    required {
        counsel: Reference,
    }
    optional {
        /// The defendant spoken for.
        defendant: Option<Reference>,
    }
}

record! {
    /// One of the accused, and how the trial went for them.
    Defendant;
    required {
        person: Reference,
    }
    optional {
        id: Option<ClaimId>,
        /// The victim record of this case.
        record: Option<Reference>,
        /// Office or role at the time.
        position: Option<String>,
        charges: Vec<Claim<Charge>>,
        plea: Vec<Claim<Coded<vocab::Plea>>>,
        verdict: Vec<Claim<Coded<vocab::Verdict>>>,
        sentence: Vec<Claim<Sentence>>,
        clemency: Vec<Claim<Clemency>>,
        execution: Vec<Claim<HistoricalDate>>,
        rehabilitation: Vec<Claim<Rehabilitation>>,
    }
}

record! {
    Charge;
    required {
        text: String,
    }
    optional {
        articles: Vec<Article>,
    }
}

record! {
    /// A petition for mercy, and the answer.
    Clemency;
    optional {
        petitioned: Option<HistoricalDate>,
        decided: Option<HistoricalDate>,
        outcome: Option<Coded<vocab::ClemencyOutcome>>,
    }
}

record! {
    Document;
    required {
        role: Coded<vocab::DocumentRole>,
        document: Reference,
    }
}

record! {
    LaterReview;
    required {
        outcome: Coded<vocab::ReviewOutcome>,
    }
    optional {
        date: Option<HistoricalDate>,
        body: Option<Coded<RehabilitationBody>>,
        text: Option<String>,
    }
}

record! {
    RelatedTrial;
    required {
        relation: Coded<vocab::TrialRelation>,
        trial: Reference,
    }
}

const OPENING: Event = Event::once("opening of the trial", "opened");
const CLOSE: Event = Event::once("close of the trial", "closed");

const fn present(via: &'static str, who: &'static str, code: CheckCode) -> Presence {
    Presence { via, who, event: OPENING, code }
}

impl Kind for Trial {
    const NAME: &'static str = "trial";
    const PATH: &'static str = "trials";
    const PREFIX: &'static str = "T";

    const FIELDS: &'static [Field] = &[
        Field::many(
            "title",
            "titles.text",
            FieldType::Words,
            "A word of any of the titles; several words must all occur",
        ),
        Field::one("trial_kind", "kind", FieldType::Coded(&vocab::TrialKind::TABLE), "Kind of trial").summary().facet(),
        Field::one("court", "court", FieldType::Coded(&SentencingBody::TABLE), "Court").summary().facet(),
        Field::one("opened", "opened", FieldType::Date, "First day").summary(),
        Field::one("closed", "closed", FieldType::Date, "Last day").summary(),
        Field::one("publicity", "publicity", FieldType::Coded(&vocab::Publicity::TABLE), "Who could attend").facet(),
        Field::one("defendant_count", "defendants", FieldType::Count, "Number of defendants in the record").summary(),
        Field::many(
            "penalty",
            "defendants.sentence.penalties.kind",
            FieldType::Coded(&crate::model::vocabularies::repression::PenaltyKind::TABLE),
            "Penalty of any defendant",
        )
        .facet(),
        Field::many("tag", "tags", FieldType::Text, "Tag").facet(),
        Field::many("place", "seat", FieldType::Words, "Words of the place"),
        Field::SOURCE_COUNT,
        Field::CERTAINTY,
        Field::RANK,
    ];

    const REFERENCES: &'static [ReferenceRule] = &[
        ReferenceRule::new("presiding", "presiding", &["person"]),
        ReferenceRule::new("panel", "judge", &["person"]),
        ReferenceRule::new("secretary", "secretary", &["person"]),
        ReferenceRule::new("prosecutors", "prosecutor", &["person"]),
        ReferenceRule::new("defence.counsel", "counsel", &["person"]),
        ReferenceRule::new("defence.defendant", "defended", &["person"]),
        ReferenceRule::new("defendants.person", "defendant", &["person"]),
        ReferenceRule::new("defendants.record", "defendant_record", &["victim"]),
        ReferenceRule::new("defendants.rehabilitation.document", "rehabilitation_document", &["source"]),
        ReferenceRule::new("witnesses", "witness", &["person"]),
        ReferenceRule::new("experts", "expert", &["person"]),
        ReferenceRule::new("documents.document", "document", &["source"]),
        ReferenceRule::new("related.trial", "related_trial", &["trial"]),
    ];

    const IDENTIFIED: &'static [IdentifiedList] = &[IdentifiedList::new("defendants", "person")];
    const NOUNS: &'static [(&'static str, &'static str)] = &[("sentence", "penalty")];
    const PLACED_BY: &'static [&'static str] = &["opened", "closed"];
    const CHECKS: CheckRules = CheckRules {
        chronologies: &[
            Chronology {
                within: "",
                events: &[
                    OPENING,
                    Event::each("session", "sessions.date"),
                    CLOSE,
                    Event::each("review", "reviews.date"),
                ],
                outer: &[],
                order: &[
                    ("opening of the trial", "session"),
                    ("opening of the trial", "close of the trial"),
                    ("session", "close of the trial"),
                    ("opening of the trial", "review"),
                    ("close of the trial", "review"),
                ],
                same: &[],
            },
            Chronology {
                within: "defendants",
                events: &[
                    Event::each("petition", "clemency.petitioned"),
                    Event::once("execution", "execution"),
                    Event::each("rehabilitation", "rehabilitation.date"),
                ],
                outer: &[OPENING, CLOSE],
                order: &[
                    ("opening of the trial", "execution"),
                    ("opening of the trial", "petition"),
                    ("opening of the trial", "rehabilitation"),
                    ("close of the trial", "execution"),
                    ("close of the trial", "rehabilitation"),
                    ("opening of the trial", "close of the trial"),
                ],
                same: &[],
            },
        ],
        presences: &[
            present("defendants.person", "defendant", CheckCode::DefendantOutOfTime),
            present("presiding", "presiding judge", CheckCode::JudgeOutOfTime),
            present("panel", "member of the court", CheckCode::JudgeOutOfTime),
            present("prosecutors", "prosecutor", CheckCode::JudgeOutOfTime),
            present("secretary", "secretary", CheckCode::JudgeOutOfTime),
        ],
        identity: Some(Identity {
            names: None,
            titles: Some("titles.text"),
            first_date: Event::once("opening", "opened"),
            other_dates: &[Event::once("close", "closed")],
            equal: &[],
        }),
        ..CheckRules::NONE
    };

    const LINKED_DATA: LinkedData = LinkedData {
        classes: &["schema:Event", "crm:E7_Activity"],
        fields: &[
            maps("title", "schema:alternateName", Shape::Literal),
            maps("trial_kind", "crm:P2_has_type", Shape::Term),
            maps("court", "schema:organizer", Shape::Organisation),
            maps("opened", "schema:startDate", Shape::Date),
            maps("closed", "schema:endDate", Shape::Date),
        ],
        links: &[
            ("presiding", "crm:P14_carried_out_by"),
            ("judge", "crm:P14_carried_out_by"),
            ("prosecutor", "crm:P14_carried_out_by"),
            ("defendant", "crm:P11_had_participant"),
            ("witness", "crm:P11_had_participant"),
        ],
    };

    fn label(&self) -> String {
        claim::best(&self.titles).map(|t| t.text.clone()).unwrap_or_default()
    }

    fn rules(&self, errors: &mut FieldErrors) {
        if claim::best(&self.titles).is_none() {
            errors.push("/titles", FieldCode::MissingField, "A trial needs at least one title that is not deprecated.");
        }
    }

    fn example() -> serde_json::Value {
        let cites = json!([{"source": "0199b2c4-0000-7000-8000-000000000001", "locator": "с. 3–14"}]);
        json!({
            "titles": [{"value": {"text": "Trial of the Twenty-One", "kind": "common", "lang": "en"}, "citations": cites}],
            "kind": [{"value": {"code": "open_show_trial"}, "citations": cites}],
            "opened": [{"value": {"edtf": "1938-03-02"}, "citations": cites}],
            "closed": [{"value": {"edtf": "1938-03-13"}, "citations": cites}],
            "presiding": [{"value": {"entry": "0199b2c4-0000-7000-8000-000000000003", "text": "В. В. Ульрих"}, "citations": cites}],
            "defence": [{"status": "none", "note": "Most defendants renounced counsel."}],
            "defendants": [{
                "person": {"entry": "0199b2c4-0000-7000-8000-000000000002"},
                "record": {"entry": "0199b2c4-0000-7000-8000-000000000004"},
                "plea": [{"value": {"code": "partly_guilty"}, "citations": cites}],
                "verdict": [{"value": {"code": "guilty"}, "citations": cites}],
                "sentence": [{"value": {"penalties": [{"kind": {"code": "execution"}}]}, "citations": cites}]
            }]
        })
    }
}
