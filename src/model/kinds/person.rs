//! Kind `person`: somebody the archive writes about, whether victim, judge, prosecutor, witness or author.

use serde_json::json;

use super::{Field, FieldType, Kind, ReferenceRule, label_with_years};
use crate::model::{
    checks::{Age, CheckRules, Chronology, Event, Identity, LifeSpan},
    errors::{FieldCode, FieldErrors},
    linked_data::{LinkedData, Shape, maps},
    parts::{Attachment, Claim, ExternalId, Life, LocalizedText, Name, claim},
    record::record,
    vocabularies::{nationality::Nationality, person as vocab},
};

record! {
    /// A person.
    Person;
    required {
        /// Every name in every spelling; at least one with a value.
        names: Vec<Claim<Name>>,
    }
    optional {
        life: Option<Life>,
        biography: LocalizedText,
        images: Vec<Attachment>,
        external_ids: Vec<ExternalId>,
        /// The person may be alive: reviewers take special care.
        living: Option<bool>,
        /// A date before which details are not to be entered, and why. The archive records it; reviewers hold to it.
        embargo: Option<super::Embargo>,
        tags: Vec<String>,
    }
}

impl Kind for Person {
    const NAME: &'static str = "person";
    const PATH: &'static str = "people";
    const PREFIX: &'static str = "P";

    const FIELDS: &'static [Field] = &[
        Field::many("name", "names", FieldType::Name, "A word of any of the names; several words must all occur"),
        Field::one("sex", "life.sex", FieldType::Coded(&vocab::Sex::TABLE), "Sex").facet(),
        Field::one("birth", "life.birth.date", FieldType::Date, "Date of birth").summary(),
        Field::one("death", "life.death.date", FieldType::Date, "Date of death").summary(),
        Field::one("death_kind", "life.death.kind", FieldType::Coded(&vocab::DeathKind::TABLE), "How the person died")
            .summary()
            .facet(),
        Field::many("nationality", "life.nationality", FieldType::Coded(&Nationality::TABLE), "Nationality").facet(),
        Field::many(
            "profession",
            "life.professions.group",
            FieldType::Coded(&vocab::ProfessionGroup::TABLE),
            "Profession group",
        )
        .facet(),
        Field::many("party", "life.parties.party", FieldType::Coded(&vocab::PoliticalParty::TABLE), "Party").facet(),
        Field::one("living", "living", FieldType::Boolean, "Possibly alive"),
        Field::many("tag", "tags", FieldType::Text, "Tag").facet(),
        Field::many("birthplace", "life.birth.place", FieldType::Words, "Words of the place of birth"),
        Field::many("birth_region", "life.birth.place.normal.region", FieldType::Text, "Region of birth").facet(),
        Field::many("residence", "life.residences", FieldType::Words, "Words of a place of residence"),
        Field::many("death_place", "life.death.place", FieldType::Words, "Words of the place of death"),
        Field::many("education", "life.education", FieldType::Coded(&vocab::Education::TABLE), "Education").facet(),
        Field::many(
            "social_status",
            "life.social_status",
            FieldType::Coded(&vocab::SocialStatus::TABLE),
            "Social status",
        )
        .facet(),
        Field::many("religion", "life.religion", FieldType::Coded(&vocab::Religion::TABLE), "Religion").facet(),
        Field::many("occupation", "life.professions", FieldType::Words, "Words of an occupation, workplace or rank"),
        Field::many("burial", "life.death.burial", FieldType::Words, "Words of the place of burial"),
        Field::SOURCE_COUNT,
        Field::CERTAINTY,
        Field::RANK,
    ];

    const REFERENCES: &'static [ReferenceRule] = &[ReferenceRule::new("life.family.person", "relative", &["person"])];

    const CHECKS: CheckRules = CheckRules {
        chronologies: &[Chronology {
            within: "",
            events: &[
                Event::once("birth", "life.birth.date"),
                Event::each("beginning of an occupation", "life.professions.from"),
                Event::each("joining of a party", "life.parties.from"),
                Event::each("award", "life.awards.date"),
                Event::once("death", "life.death.date"),
            ],
            outer: &[],
            order: &[
                ("birth", "beginning of an occupation"),
                ("birth", "joining of a party"),
                ("birth", "award"),
                ("birth", "death"),
                ("beginning of an occupation", "death"),
                ("joining of a party", "death"),
            ],
            same: &[],
        }],
        life: Some(LifeSpan {
            birth: "life.birth.date",
            deaths: &["life.death.date"],
            death_parts: &["life.death"],
            stated_age: "life.birth.stated_age",
            names: "names",
            sex: "life.sex",
            nationality: "life.nationality",
            living: Some("living"),
            ages: &[Age::at("death", "life.death.date", 0)],
        }),
        identity: Some(Identity {
            names: Some("names"),
            titles: None,
            first_date: Event::once("birth", "life.birth.date"),
            other_dates: &[Event::once("death", "life.death.date")],
            equal: &[],
        }),
        embargo: Some("embargo.until"),
        ..CheckRules::NONE
    };

    const LINKED_DATA: LinkedData = LinkedData {
        classes: &["schema:Person", "crm:E21_Person"],
        fields: &[
            maps("name", "schema:alternateName", Shape::Literal),
            maps("sex", "schema:gender", Shape::Term),
            maps("birth", "schema:birthDate", Shape::Date),
            maps("death", "schema:deathDate", Shape::Date),
        ],
        links: &[("relative", "schema:relatedTo")],
    };

    fn label(&self) -> String {
        let name = claim::best(&self.names).map(Name::display).unwrap_or_default();
        label_with_years(name, self.life.as_ref())
    }

    fn rules(&self, errors: &mut FieldErrors) {
        if claim::best(&self.names).is_none() {
            errors.push("/names", FieldCode::MissingField, "A person needs at least one name that is not deprecated.");
        }
    }

    fn example() -> serde_json::Value {
        let cites = json!([{"source": "0199b2c4-0000-7000-8000-000000000001", "locator": "p. 12"}]);
        json!({
            "names": [
                {"value": {"kind": "main", "family": "Бухарин", "given": "Николай", "patronymic": "Иванович", "lang": "ru", "script": "Cyrl"},
                 "rank": "preferred", "citations": cites},
                {"value": {"kind": "transliteration", "family": "Bukharin", "given": "Nikolai", "patronymic": "Ivanovich", "lang": "ru-Latn", "script": "Latn", "scheme": "bgn_pcgn"}}
            ],
            "life": {
                "sex": [{"value": {"code": "male"}}],
                "birth": {"date": [
                    {"value": {"edtf": "1888-09-27", "calendar": "julian", "verbatim": "27 сентября (9 октября) 1888"}, "citations": cites}
                ]},
                "family": [{"value": {"relation": {"code": "wife"}, "person": {"entry": "0199b2c4-0000-7000-8000-000000000002"}}}]
            },
            "biography": {"en": "Economist and editor.", "ru": "Экономист, редактор."}
        })
    }
}
