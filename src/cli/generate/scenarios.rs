//! The waves of repression: when they were, whom they struck, who decided, and what for.

use rand::RngExt;

use super::{
    dates,
    words::{Chance, Weighted},
};

/// Whom a wave struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Struck {
    Anyone,
    /// Those at whom an operation of 1937 and 1938 was aimed.
    TargetedPeoples,
    /// Those who were deported.
    DeportedPeoples,
}

/// A wave.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    pub weight: f64,
    pub struck: Struck,
    pub kind: &'static str,
    pub operation: Option<&'static str>,
    /// First month: year and month.
    pub from: (i64, u32),
    /// How many were arrested in each month from then on; evenly over the years when it holds one number of months.
    pub months: &'static [u32],
    /// Who arrested, with the words for it; nobody where people were driven out.
    pub arrested_by: &'static [(&'static str, &'static str)],
    /// Who sentenced: code, words (`{}` stands for the region), share.
    pub sentenced_by: &'static [(&'static str, &'static str, f64)],
    /// Days from the arrest to the sentence, at least and at most.
    pub held: (i64, i64),
    /// How many of a hundred were shot.
    pub shot: f64,
    /// Days from the sentence to the execution, at most.
    pub until_shot: i64,
    /// Other penalties: code, years, share.
    pub penalties: &'static [(&'static str, u32, f64)],
    pub women: f64,
}

/// A year and a half of the mass operations, from August 1937.
const MASS: &[u32] = &[150, 140, 130, 120, 120, 55, 65, 75, 45, 32, 30, 22, 20, 16, 10, 4];
const NKVD: &[(&str, &str)] = &[("unkvd", "УНКВД"), ("ro_nkvd", "РО НКВД"), ("unkvd", "Управление НКВД")];
const OGPU: &[(&str, &str)] = &[("pp_ogpu", "ПП ОГПУ"), ("ogpu_local", "районный отдел ОГПУ"), ("ogpu", "ОГПУ")];
const MGB: &[(&str, &str)] = &[("mgb", "УМГБ"), ("smersh", "СМЕРШ"), ("nkgb", "НКГБ")];

const PLAIN: Scenario = Scenario {
    weight: 0.0,
    struck: Struck::Anyone,
    kind: "criminal_political",
    operation: None,
    from: (1937, 8),
    months: MASS,
    arrested_by: NKVD,
    sentenced_by: &[],
    held: (10, 90),
    shot: 0.0,
    until_shot: 16,
    penalties: &[("camp", 10, 70.0), ("camp", 8, 30.0)],
    women: 8.0,
};

/// All waves.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        weight: 300.0,
        operation: Some("order_00447"),
        sentenced_by: &[
            ("troika_unkvd", "тройка при УНКВД по {}", 50.0),
            ("troika_unkvd", "особая тройка УНКВД по {}", 30.0),
            ("troika_unkvd", "тройкой НКВД", 10.0),
            ("troika", "тройка", 10.0),
        ],
        held: (4, 70),
        shot: 51.0,
        women: 6.0,
        ..PLAIN
    },
    Scenario {
        weight: 120.0,
        struck: Struck::TargetedPeoples,
        sentenced_by: &[
            ("commission_nkvd_prosecutor", "Комиссия НКВД СССР и Прокурора СССР", 70.0),
            ("commission_nkvd_prosecutor", "НКВД и Прокурор СССР", 15.0),
            ("troika_special_1938", "особая тройка УНКВД по {}", 15.0),
        ],
        held: (25, 160),
        shot: 74.0,
        until_shot: 30,
        ..PLAIN
    },
    Scenario {
        weight: 34.0,
        operation: Some("stalin_lists"),
        from: (1936, 10),
        months: &[6, 6, 7, 8, 10, 14, 18, 22, 30, 40, 46, 40, 40, 36, 30, 24, 24, 24, 20, 16, 14, 12, 10, 4],
        arrested_by: &[("gugb_nkvd", "ГУГБ НКВД СССР"), ("unkvd", "УНКВД")],
        sentenced_by: &[
            ("military_collegium", "ВКВС СССР", 80.0),
            ("military_collegium", "Военная коллегия Верховного суда СССР", 20.0),
        ],
        held: (40, 300),
        shot: 86.0,
        until_shot: 2,
        ..PLAIN
    },
    Scenario {
        weight: 80.0,
        from: (1935, 1),
        months: &[
            6, 6, 7, 7, 7, 6, 6, 6, 6, 6, 6, 6, 8, 8, 8, 9, 9, 9, 10, 10, 10, 11, 12, 12, 14, 14, 15, 16, 18, 22, 30,
            40, 40, 44, 44, 40, 20, 20, 22, 18, 14, 12, 12, 11, 10, 9, 8, 6, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
        ],
        sentenced_by: &[("oso_nkvd", "ОСО при НКВД СССР", 60.0), ("oso_nkvd", "Особое совещание при НКВД СССР", 40.0)],
        held: (30, 200),
        penalties: &[("camp", 5, 40.0), ("camp", 3, 18.0), ("camp", 8, 26.0), ("exile", 3, 10.0), ("exile", 5, 6.0)],
        women: 18.0,
        ..PLAIN
    },
    Scenario {
        weight: 70.0,
        from: (1934, 1),
        months: &[90],
        sentenced_by: &[
            ("special_collegium", "спецколлегия областного суда", 40.0),
            ("regional_court", "областной суд", 25.0),
            ("military_tribunal", "военный трибунал", 25.0),
            ("transport_court", "линейный суд", 10.0),
        ],
        held: (30, 220),
        shot: 6.0,
        until_shot: 70,
        penalties: &[
            ("deprivation_of_liberty", 3, 20.0),
            ("camp", 5, 25.0),
            ("camp", 10, 30.0),
            ("prison", 5, 15.0),
            ("deprivation_of_liberty", 7, 10.0),
        ],
        women: 10.0,
        ..PLAIN
    },
    Scenario {
        weight: 85.0,
        from: (1929, 6),
        months: &[
            5, 5, 6, 7, 9, 11, 16, 30, 36, 24, 14, 10, 10, 10, 12, 13, 13, 14, 16, 18, 18, 16, 14, 12, 11, 11, 10, 10,
            10, 10, 11, 12, 12, 12, 12, 12, 12, 12, 12, 13, 13, 14, 18, 20, 20, 18, 14, 10, 6, 4, 3, 3, 3, 3, 3, 3, 3,
            3,
        ],
        arrested_by: OGPU,
        sentenced_by: &[
            ("troika_ogpu", "тройка ПП ОГПУ по {}", 55.0),
            ("collegium_ogpu", "Коллегия ОГПУ", 25.0),
            ("oso_ogpu", "ОСО при Коллегии ОГПУ", 20.0),
        ],
        held: (20, 150),
        shot: 13.0,
        until_shot: 40,
        penalties: &[
            ("camp", 5, 30.0),
            ("camp", 3, 22.0),
            ("camp", 10, 12.0),
            ("exile", 3, 26.0),
            ("suspended_sentence", 3, 10.0),
        ],
        women: 11.0,
        ..PLAIN
    },
    Scenario {
        weight: 150.0,
        kind: "dekulakisation",
        operation: Some("dekulakisation_1930"),
        from: (1930, 2),
        months: &[
            60, 50, 30, 16, 12, 8, 6, 6, 6, 6, 6, 8, 14, 26, 40, 50, 40, 26, 14, 10, 8, 6, 4, 4, 4, 4, 4, 4, 4, 4,
        ],
        arrested_by: &[],
        sentenced_by: &[("rik", "РИК", 70.0), ("village_soviet", "сельсовет", 30.0)],
        penalties: &[("special_settlement", 0, 60.0), ("dekulakisation", 0, 25.0), ("eviction", 0, 15.0)],
        women: 44.0,
        ..PLAIN
    },
    Scenario {
        weight: 105.0,
        struck: Struck::DeportedPeoples,
        kind: "deportation",
        arrested_by: &[],
        penalties: &[("special_settlement", 0, 100.0)],
        women: 51.0,
        ..PLAIN
    },
    Scenario {
        weight: 22.0,
        from: (1918, 9),
        months: &[40],
        arrested_by: &[("local_chk", "губЧК"), ("vchk", "ВЧК"), ("revolutionary_tribunal", "ревтрибунал")],
        sentenced_by: &[
            ("local_chk", "губЧК", 40.0),
            ("revolutionary_tribunal", "ревтрибунал", 30.0),
            ("collegium_vchk", "Коллегия ВЧК", 30.0),
        ],
        held: (5, 120),
        shot: 32.0,
        until_shot: 12,
        penalties: &[("deprivation_of_liberty", 5, 50.0), ("forced_labour", 1, 30.0), ("suspended_sentence", 1, 20.0)],
        ..PLAIN
    },
    Scenario {
        weight: 40.0,
        from: (1940, 1),
        months: &[
            9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 30, 40, 40, 34, 30, 28, 26, 24, 22, 20, 20, 20, 18, 18,
            18, 16, 16, 14, 14, 12, 12, 12, 12, 12, 12, 10, 10, 10, 10, 10, 10,
        ],
        sentenced_by: &[
            ("oso_nkvd", "ОСО при НКВД СССР", 40.0),
            ("military_tribunal", "военный трибунал", 40.0),
            ("regional_court", "областной суд", 20.0),
        ],
        held: (30, 260),
        shot: 12.0,
        until_shot: 60,
        penalties: &[("camp", 10, 60.0), ("camp", 8, 20.0), ("camp", 5, 20.0)],
        women: 13.0,
        ..PLAIN
    },
    Scenario {
        weight: 34.0,
        from: (1945, 6),
        months: &[92],
        arrested_by: MGB,
        sentenced_by: &[
            ("military_tribunal_nkvd", "ВТ войск МВД", 50.0),
            ("oso_mgb", "ОСО при МГБ СССР", 35.0),
            ("regional_court", "областной суд", 15.0),
        ],
        held: (40, 240),
        shot: 2.0,
        until_shot: 90,
        penalties: &[("camp", 25, 35.0), ("camp", 10, 45.0), ("katorga", 15, 8.0), ("exile", 5, 12.0)],
        women: 19.0,
        ..PLAIN
    },
    Scenario {
        weight: 26.0,
        from: (1937, 6),
        months: &[30],
        sentenced_by: &[("nkvd_body", "УНКВД по {}", 60.0), ("court_unspecified", "суд", 40.0)],
        held: (60, 420),
        penalties: &[("case_dropped", 0, 80.0), ("acquitted", 0, 20.0)],
        ..PLAIN
    },
];

/// Where in [`SCENARIOS`] the case of a judge stands who fell later.
pub const OF_OFFICIALS: &Scenario = &Scenario {
    operation: Some("stalin_lists"),
    from: (1939, 1),
    arrested_by: &[("gugb_nkvd", "ГУГБ НКВД СССР")],
    sentenced_by: &[("military_collegium", "ВКВС СССР", 100.0)],
    shot: 100.0,
    until_shot: 1,
    ..PLAIN
};

/// The case of somebody who stood trial with others.
pub const OF_DEFENDANTS: &Scenario = &Scenario { shot: 70.0, until_shot: 1, women: 9.0, ..PLAIN };

/// When peoples were deported: the operation, and its month.
pub const DEPORTATIONS: &[(&str, i64, u32)] = &[
    ("koreans_1937", 1937, 9),
    ("iranians_kurds_1937", 1937, 12),
    ("germans_1941", 1941, 9),
    ("finns_1942", 1942, 3),
    ("karachays_1943", 1943, 11),
    ("kalmyks_1943", 1943, 12),
    ("chechens_ingush_1944", 1944, 2),
    ("balkars_1944", 1944, 3),
    ("crimea_1944", 1944, 5),
    ("baltic_1949", 1949, 3),
    ("moldova_1949", 1949, 7),
];

/// Draws waves by their weight.
pub fn waves() -> Weighted<&'static Scenario> {
    Weighted::new(SCENARIOS.iter().map(|s| (s, s.weight)))
}

impl Scenario {
    /// A day on which somebody was arrested in this wave.
    pub fn day(&self, rng: &mut Chance) -> i64 {
        let months = match self.months {
            [count] => rng.random_range(0..*count),
            counts => {
                let sum: u32 = counts.iter().sum();
                let mut at = rng.random_range(0..sum.max(1));
                let mut month = 0;
                for count in counts {
                    if at < *count {
                        break;
                    }
                    at -= count;
                    month += 1;
                }
                month
            }
        };
        let index = i64::from(self.from.1) - 1 + i64::from(months);
        let month = u32::try_from(index.rem_euclid(12)).unwrap_or(0) + 1;
        dates::day(self.from.0 + index.div_euclid(12), month, rng.random_range(1..=28))
    }
}
