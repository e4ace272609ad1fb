//! What is asked of the full text: words, phrases and beginnings of words. Nothing else has a meaning: the signs of the
//! databases' own query languages are no letters, and fall away.

use super::words;

/// Fewest letters of a word that is cut off by `*`: fewer would stand for half the archive.
pub const LEAST_PREFIX: usize = 3;

/// One part of a question; all parts must be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// A word, in whatever form: its stem.
    Word { stem: String },
    /// Stems next to each other.
    Phrase(Vec<String>),
    /// Words that begin so.
    Prefix(String),
}

/// A question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub terms: Vec<Term>,
}

/// What the index is to be asked, for both databases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matching {
    /// A word of the index to the letter.
    Word(String),
    /// Words of the index that begin so.
    Prefix(String),
    /// Words of the index next to each other.
    Phrase(Vec<String>),
    All(Vec<Matching>),
    Any(Vec<Matching>),
    /// The first and not the second.
    But(Box<Matching>, Box<Matching>),
}

/// How much an entry that has all the words says of them, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// All of them stand in its label or title.
    Title,
    /// They stand next to each other, in the order of the question.
    Phrase,
    /// Each of them stands there several times.
    Often,
    Anywhere,
}

impl Tier {
    pub const ALL: [Tier; 4] = [Tier::Title, Tier::Phrase, Tier::Often, Tier::Anywhere];

    /// The score of such an entry: below that of every name.
    pub fn score(self) -> u8 {
        match self {
            Tier::Title => 39,
            Tier::Phrase => 36,
            Tier::Often => 33,
            Tier::Anywhere => 30,
        }
    }
}

/// Reads a question: `"…"` is a phrase, `word*` the beginning of a word, all else are words.
pub fn asked(text: &str) -> Asked {
    let is_quote = |c: char| matches!(c, '"' | '«' | '»' | '“' | '”' | '„');
    let mut terms = Vec::new();
    let parts: Vec<&str> = text.split(is_quote).collect();
    for (i, part) in parts.iter().enumerate() {
        // Behind a quotation mark without another, the words are plain ones.
        let is_quoted = i % 2 == 1 && i + 1 < parts.len();
        let found = words(part);
        if is_quoted && found.len() > 1 {
            terms.push(Term::Phrase(found.into_iter().map(|w| w.stem).collect()));
            continue;
        }
        for word in found {
            let is_cut = part[word.end..].starts_with('*') && word.folded.chars().count() >= LEAST_PREFIX;
            let term = if is_cut { Term::Prefix(word.folded) } else { Term::Word { stem: word.stem } };
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
    }
    Asked { terms }
}

impl Asked {
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// How many words are asked for.
    pub fn len(&self) -> usize {
        let words = |term: &Term| if let Term::Phrase(stems) = term { stems.len() } else { 1 };
        self.terms.iter().map(words).sum()
    }

    /// Whether anything else than plain words is asked for.
    pub fn has_prefix(&self) -> bool {
        self.terms.iter().any(|term| matches!(term, Term::Prefix(_)))
    }

    /// All entries that have what is asked for.
    pub fn matching(&self) -> Matching {
        Matching::All(self.terms.iter().map(Term::matching).collect())
    }

    /// The entries of one tier that are in none before it, for words that many entries have; `None` where the question has
    /// no such tier. Words next to each other are none: to look for them costs most where all of them are frequent.
    pub fn tier(&self, tier: Tier) -> Option<Matching> {
        let of = |tier| if tier == Tier::Phrase { None } else { self.alone(tier) };
        let own = of(tier)?;
        let earlier: Vec<Matching> = Tier::ALL.into_iter().take_while(|t| *t < tier).filter_map(of).collect();
        Some(if earlier.is_empty() { own } else { Matching::But(Box::new(own), Box::new(Matching::Any(earlier))) })
    }

    /// The entries of one tier, and those that are in one before it too.
    pub fn alone(&self, tier: Tier) -> Option<Matching> {
        let marked = |mark: fn(&str) -> String| {
            let mut all = vec![];
            for term in &self.terms {
                match term {
                    Term::Word { stem } => all.push(Matching::Word(mark(stem))),
                    Term::Phrase(stems) => {
                        all.push(term.matching());
                        all.extend(stems.iter().map(|stem| Matching::Word(mark(stem))));
                    }
                    Term::Prefix(_) => return None,
                }
            }
            Some(Matching::All(all))
        };
        match tier {
            Tier::Title => marked(title_mark),
            Tier::Often => marked(often_mark),
            Tier::Anywhere => Some(self.matching()),
            Tier::Phrase => {
                let stems: Vec<String> = self
                    .terms
                    .iter()
                    .filter_map(|t| if let Term::Word { stem } = t { Some(stem.clone()) } else { None })
                    .collect();
                (stems.len() > 1 && stems.len() == self.terms.len()).then_some(Matching::Phrase(stems))
            }
        }
    }

    /// Whether a word of a text is among those asked for.
    pub fn has(&self, word: &super::Word) -> bool {
        self.terms.iter().any(|term| match term {
            Term::Word { stem } => *stem == word.stem,
            Term::Phrase(stems) => stems.contains(&word.stem),
            Term::Prefix(prefix) => word.folded.starts_with(prefix.as_str()),
        })
    }
}

impl Term {
    fn matching(&self) -> Matching {
        match self {
            Self::Word { stem } => Matching::Word(stem.clone()),
            Self::Phrase(stems) => Matching::Phrase(stems.clone()),
            // Words that are their own stems stand in the index once.
            Self::Prefix(prefix) => {
                Matching::Any(vec![Matching::Prefix(prefix.clone()), Matching::Prefix(form_mark(prefix))])
            }
        }
    }
}

/// The word of the index for a stem in a label or title.
pub(super) fn title_mark(stem: &str) -> String {
    format!("1={stem}")
}

/// The word of the index for what an entry says as a whole, by the [hash of its content](crate::model::identity::content_hash).
pub fn content_mark(content: &str) -> String {
    format!("3={}", content.get(..16).unwrap_or(content))
}

/// The word of the index for a stem that stands there several times.
pub(super) fn often_mark(stem: &str) -> String {
    format!("2={stem}")
}

/// The word of the index for a folded word that is not its own stem.
pub(super) fn form_mark(folded: &str) -> String {
    format!("~{folded}")
}
