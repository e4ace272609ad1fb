//! What sources say of a person's life: the same for a person and for the record of a repression case,
//! which often is all that is left of one.

use super::{Claim, Coded, HistoricalDate, Place, Reference};
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
        sex: Vec<Claim<Coded<Sex>>>,
        birth: Option<Birth>,
        death: Option<Death>,
        nationality: Vec<Claim<Coded<Nationality>>>,
        citizenship: Vec<Claim<Coded<Citizenship>>>,
        social_origin: Vec<Claim<Coded<SocialOrigin>>>,
        social_status: Vec<Claim<Coded<SocialStatus>>>,
        education: Vec<Claim<Coded<Education>>>,
        religion: Vec<Claim<Coded<Religion>>>,
        /// Offices, posts and trades, each a claim of its own.
        professions: Vec<Claim<Occupation>>,
        parties: Vec<Claim<Membership>>,
        residences: Vec<Claim<Residence>>,
        family: Vec<Claim<Kin>>,
        awards: Vec<Claim<Award>>,
        languages: Vec<Claim<String>>,
    }
}

record! {
    Birth;
    optional {
        date: Vec<Claim<HistoricalDate>>,
        place: Vec<Claim<Place>>,
        /// An age instead of a date of birth.
        stated_age: Vec<Claim<StatedAge>>,
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
        date: Vec<Claim<HistoricalDate>>,
        place: Vec<Claim<Place>>,
        kind: Vec<Claim<Coded<DeathKind>>>,
        cause: Vec<Claim<String>>,
        circumstances: Vec<Claim<String>>,
        burial: Vec<Claim<Place>>,
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
