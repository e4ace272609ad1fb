//! What checks can find: the severities and the table of codes.

use serde::Serialize;
use utoipa::ToSchema;

/// How much a finding weighs. None of them refuses a body; `block` asks that it be settled before approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Probably a mistake, or a matter for special care.
    Warn,
    /// To be settled before approval.
    Block,
}

impl Severity {
    pub const ALL: &'static [Severity] = &[Severity::Info, Severity::Warn, Severity::Block];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warn => "warn",
            Severity::Block => "block",
        }
    }

    /// The severity with this name.
    pub fn parse(name: &str) -> Option<Severity> {
        Self::ALL.iter().copied().find(|s| s.as_str() == name)
    }

    /// Its number where severities are stored and compared: 1 to 3. 0 stands for no finding at all.
    pub fn rank(self) -> i64 {
        match self {
            Severity::Info => 1,
            Severity::Warn => 2,
            Severity::Block => 3,
        }
    }

    /// The severity with this number; `None` for no finding.
    pub fn of_rank(rank: i64) -> Option<Severity> {
        Self::ALL.iter().copied().find(|s| s.rank() == rank)
    }
}

/// Declares the codes once: name in the program, name on the wire, severity, meaning for the documentation.
macro_rules! check_codes {
    ($($variant:ident = $wire:literal, $severity:ident, $meaning:literal;)+) => {
        /// What a check found. The wire names are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum CheckCode { $(#[doc = $meaning] $variant,)+ }

        impl CheckCode {
            /// Every code with its severity and meaning, in the order of the documentation.
            pub const ALL: &'static [(CheckCode, &'static str, Severity, &'static str)] =
                &[$((CheckCode::$variant, $wire, Severity::$severity, $meaning),)+];

            /// The stable name clients see.
            pub fn as_str(self) -> &'static str {
                match self { $(CheckCode::$variant => $wire,)+ }
            }

            /// The code with this name.
            pub fn parse(name: &str) -> Option<CheckCode> {
                Self::ALL.iter().find(|(_, wire, _, _)| *wire == name).map(|(code, _, _, _)| *code)
            }

            /// How much its findings weigh.
            pub fn severity(self) -> Severity {
                match self { $(CheckCode::$variant => Severity::$severity,)+ }
            }
        }
    };
}

check_codes! {
    OrderOfEvents = "order_of_events", Warn, "An event is dated before another that should precede it.";
    ContradictingDates = "contradicting_dates", Warn, "Two places of the body date the same event differently.";
    UndecidedDates = "undecided_dates", Info, "Claims give dates that exclude each other, and none is preferred.";
    DateInFuture = "date_in_future", Warn, "The date lies after today.";
    ImpossibleAge = "impossible_age", Warn, "The dates make the person improbably old or young at an event.";
    AgeDisagrees = "age_disagrees", Warn, "The stated age and the date of birth differ by more than two years.";
    DoubtfulCalendar = "doubtful_calendar", Warn, "The calendar named does not suit the time or the words of the source.";
    SkippedDay = "skipped_day", Info, "The day is one of the thirteen that Russia skipped in February 1918.";
    DateInPlace = "date_in_place", Info, "The text of a place holds a full date.";
    UncitedClaim = "uncited_claim", Info, "The claim cites no source.";
    SeveralPreferred = "several_preferred", Warn, "More than one claim on the same point is preferred.";
    RepeatedClaim = "repeated_claim", Info, "Two claims on the same point say the same.";
    UnrecognisedCode = "unrecognised_code", Info, "A text of the source was not understood.";
    JoinedValues = "joined_values", Info, "A text seems to hold several values, which could be claims of their own.";
    RepeatedText = "repeated_text", Info, "Two coded fields side by side hold the same text.";
    MixedScript = "mixed_script", Warn, "A word holds both Latin and Cyrillic letters.";
    ArticleSpelling = "article_spelling", Info, "The article is not written the usual way.";
    GenderDisagrees = "gender_disagrees", Info, "The grammatical gender of a word does not suit the sex.";
    SentenceWithoutArrest = "sentence_without_arrest", Info, "A sentence is recorded, but no arrest, where one is usual.";
    WebLink = "web_link", Warn, "The text does not look like a web address that readers can open.";
    AccessDateMissing = "access_date_missing", Info, "A web page is cited without the day it was seen.";
    PersonDisagrees = "person_disagrees", Warn, "The record contradicts the person it is linked to.";
    TrialDisagrees = "trial_disagrees", Warn, "The record contradicts the trial it is linked to.";
    DefendantOutOfTime = "defendant_out_of_time", Warn, "A defendant was not yet born or already dead at the trial.";
    JudgeOutOfTime = "judge_out_of_time", Warn, "A judge, prosecutor or secretary was not yet born or already dead at the trial.";
    ProbableDuplicate = "probable_duplicate", Warn, "The archive seems to have an entry on the same thing.";
    ExactDuplicate = "exact_duplicate", Block, "The archive has an entry with exactly this body.";
    IncompleteCheck = "incomplete_check", Warn, "A check has reached its bound: not everything was compared.";
    LivingPerson = "living_person", Warn, "The person may be alive.";
    Embargoed = "embargoed", Block, "The embargo has not ended.";
    RetiredReference = "retired_reference", Block, "The body refers to an entry that was retired.";
    MergedReference = "merged_reference", Info, "The body refers to an entry that was merged into another.";
}
