//! What victim records are filtered by, counted by and shown with.

use crate::model::{
    kinds::{Field, FieldType, SpanUnit},
    vocabularies::{nationality::Nationality, person, repression as vocab},
};

pub const FIELDS: &[Field] = &[
    Field::many("name", "names", FieldType::Name, "A word of any of the names; several words must all occur"),
    Field::one("group", "group", FieldType::Present, "true for groups, false for individuals").summary().facet(),
    Field::one("sex", "life.sex", FieldType::Coded(&person::Sex::TABLE), "Sex").facet(),
    Field::one("birth", "life.birth.date", FieldType::Date, "Date of birth").summary(),
    Field::one("death", "life.death.date", FieldType::Date, "Date of death"),
    Field::one("arrested", "arrest.date", FieldType::Date, "Date of arrest").summary(),
    Field::one("arrested_by", "arrest.body", FieldType::Coded(&vocab::ArrestingBody::TABLE), "Body that arrested")
        .facet(),
    Field::one("sentenced", "sentencing.date", FieldType::Date, "Date of the sentence").summary(),
    Field::one(
        "sentenced_by",
        "sentencing.body",
        FieldType::Coded(&vocab::SentencingBody::TABLE),
        "Body that sentenced",
    )
    .summary()
    .facet(),
    Field::one("executed", "execution.date", FieldType::Date, "Date of execution").summary(),
    Field::one("released", "release.date", FieldType::Date, "Date of release"),
    Field::one("rehabilitated", "rehabilitation.date", FieldType::Date, "Date of rehabilitation").summary(),
    Field::many("penalty", "sentence.penalties.kind", FieldType::Coded(&vocab::PenaltyKind::TABLE), "Penalty")
        .summary()
        .facet(),
    Field::many("nationality", "life.nationality", FieldType::Coded(&Nationality::TABLE), "Nationality").facet(),
    Field::many("citizenship", "life.citizenship", FieldType::Coded(&person::Citizenship::TABLE), "Citizenship")
        .facet(),
    Field::many("social_origin", "life.social_origin", FieldType::Coded(&person::SocialOrigin::TABLE), "Social origin")
        .facet(),
    Field::many(
        "profession",
        "life.professions.group",
        FieldType::Coded(&person::ProfessionGroup::TABLE),
        "Profession group",
    )
    .facet(),
    Field::many("party", "life.parties.party", FieldType::Coded(&person::PoliticalParty::TABLE), "Party").facet(),
    Field::many(
        "repression_type",
        "repression_type",
        FieldType::Coded(&vocab::RepressionType::TABLE),
        "Kind of repression",
    )
    .facet(),
    Field::many("operation", "operation", FieldType::Coded(&vocab::Operation::TABLE), "Operation or campaign").facet(),
    Field::many("article", "articles", FieldType::Article, "Article in whatever spelling: 58-10").facet(),
    Field::many("region", "life.residences.place.normal.region", FieldType::Text, "Region of residence").facet(),
    Field::many("tag", "tags", FieldType::Text, "Tag").facet(),
    Field::many("birthplace", "life.birth.place", FieldType::Words, "Words of the place of birth"),
    Field::many("birth_region", "life.birth.place.normal.region", FieldType::Text, "Region of birth").facet(),
    Field::many("residence", "life.residences", FieldType::Words, "Words of a place of residence"),
    Field::many("death_place", "life.death.place", FieldType::Words, "Words of the place of death"),
    Field::many("education", "life.education", FieldType::Coded(&person::Education::TABLE), "Education").facet(),
    Field::many("social_status", "life.social_status", FieldType::Coded(&person::SocialStatus::TABLE), "Social status")
        .facet(),
    Field::many("religion", "life.religion", FieldType::Coded(&person::Religion::TABLE), "Religion").facet(),
    Field::many("occupation", "life.professions", FieldType::Words, "Words of an occupation, workplace or rank"),
    Field::many("burial", "execution.burial|life.death.burial", FieldType::Words, "Words of the place of burial"),
    Field::one("death_kind", "life.death.kind", FieldType::Coded(&person::DeathKind::TABLE), "How the person died")
        .facet(),
    Field::many("arrest_place", "arrest.place", FieldType::Words, "Words of the place of arrest"),
    Field::many("execution_place", "execution.place", FieldType::Words, "Words of the place of execution"),
    Field::many("charge", "accusation", FieldType::Words, "Words of the charge"),
    Field::many("penalty_text", "sentence.text", FieldType::Words, "Words of the sentence"),
    Field::many("term", "sentence.penalties.term", FieldType::Text, "Length of a penalty: P10Y").facet(),
    Field::many("detention", "detention", FieldType::Words, "Words of a camp, prison or other place of detention"),
    Field::many(
        "detention_kind",
        "detention.kind",
        FieldType::Coded(&vocab::DetentionKind::TABLE),
        "Kind of detention",
    )
    .facet(),
    Field::many("release_reason", "release.reason", FieldType::Coded(&vocab::ReleaseReason::TABLE), "Why released")
        .facet(),
    Field::many(
        "rehabilitated_by",
        "rehabilitation.body",
        FieldType::Coded(&vocab::RehabilitationBody::TABLE),
        "Body that rehabilitated",
    )
    .facet(),
    Field::many(
        "list_category",
        "list_mentions.category",
        FieldType::Coded(&vocab::ListCategory::TABLE),
        "Category in a list",
    )
    .facet(),
    Field::many(
        "file",
        "archive_references|investigation.file",
        FieldType::Words,
        "Words of an archive reference: fond, file number",
    ),
    Field::one("collection", "collection", FieldType::Text, "Collection or campaign the record came from").facet(),
    Field::span("age_at_arrest", "life.birth.date", "arrest.date", SpanUnit::Years, "Age at the arrest"),
    Field::span("age_at_execution", "life.birth.date", "execution.date", SpanUnit::Years, "Age at the execution"),
    Field::span(
        "days_to_execution",
        "sentencing.date",
        "execution.date",
        SpanUnit::Days,
        "Days from the sentence to the execution",
    ),
    Field::SOURCE_COUNT,
    Field::CERTAINTY,
    Field::RANK,
];
