//! What sources say of a person's life: the same for a person and for the record of a repression case,
//! which often is all that is left of one.

use super::{Claims, Coded, HistoricalDate, Place, Reference};
use crate::model::{
    record::record,
    vocabularies::{
        nationality::Nationality,
        person::{
            Citizenship, DeathKind, Education, KinRelation, PoliticalParty, ProfessionGroup, Religion, Sex,
            SocialOrigin, SocialStatus,
        },
    },
};

record! {
    /// What sources say of a person's life.
    #[derive(Default)]
    Life;
    optional {
        sex: Claims<Coded<Sex>>,
        birth: Option<Birth>,
        death: Option<Death>,
        nationality: Claims<Coded<Nationality>>,
        citizenship: Claims<Coded<Citizenship>>,
        social_origin: Claims<Coded<SocialOrigin>>,
        social_status: Claims<Coded<SocialStatus>>,
        education: Claims<Coded<Education>>,
        religion: Claims<Coded<Religion>>,
        /// Offices, posts and trades, each a claim of its own.
        professions: Claims<Occupation>,
        parties: Claims<Membership>,
        residences: Claims<Residence>,
        family: Claims<Kin>,
        awards: Claims<Award>,
        languages: Claims<String>,
    }
}

record! {
    Birth;
    optional {
        date: Claims<HistoricalDate>,
        place: Claims<Place>,
        /// An age instead of a date of birth.
        stated_age: Claims<StatedAge>,
    }
}

record! {
    /// An age as a document states it.
    StatedAge;
    required {
        years: u64,
    }
    optional {
        /// When the person had this age.
        at: Option<HistoricalDate>,
    }
}

record! {
    Death;
    optional {
        date: Claims<HistoricalDate>,
        place: Claims<Place>,
        kind: Claims<Coded<DeathKind>>,
        cause: Claims<String>,
        circumstances: Claims<String>,
        burial: Claims<Place>,
    }
}

record! {
    /// A post, office or trade.
    Occupation;
    required {
        /// The words of the source: `начальник обследовательской партии`.
        title: String,
    }
    optional {
        group: Option<Coded<ProfessionGroup>>,
        workplace: Option<String>,
        /// Military or service rank.
        rank: Option<String>,
        place: Option<Place>,
        from: Option<HistoricalDate>,
        to: Option<HistoricalDate>,
    }
}

record! {
    /// Membership of a party or organisation.
    Membership;
    required {
        party: Coded<PoliticalParty>,
    }
    optional {
        from: Option<HistoricalDate>,
        to: Option<HistoricalDate>,
        excluded: Option<HistoricalDate>,
        exclusion_reason: Option<String>,
    }
}

record! {
    Residence;
    required {
        place: Place,
    }
    optional {
        from: Option<HistoricalDate>,
        to: Option<HistoricalDate>,
    }
}

record! {
    /// A relative.
    Kin;
    required {
        /// What the relative is to the person: `mother`, `husband`.
        relation: Coded<KinRelation>,
        person: Reference,
    }
}

record! {
    Award;
    required {
        text: String,
    }
    optional {
        date: Option<HistoricalDate>,
        /// When it was taken away.
        revoked: Option<HistoricalDate>,
    }
}
