//! Vocabularies of repression: what real databases distinguish, one table each.

use super::vocabulary;

mod operation;

pub use operation::Operation;

vocabulary! {
    /// Form of repression, after the division of the regional data banks of victims (criminal, dekulakisation, deportation, labour army, camp death).
    RepressionType, "repression_type", [
        ("arrest", "arrest", "арест"),
        ("criminal_political", "sentence on a political charge", "осуждение по политической статье"),
        ("criminal_as_political", "criminal article used politically", "осуждение по общеуголовной статье по политическим мотивам"),
        ("extrajudicial_killing", "killing without sentence", "внесудебная казнь"),
        ("hostage", "taken hostage", "взятие в заложники"),
        ("dekulakisation", "dekulakisation", "раскулачивание"),
        ("deportation", "deportation on national grounds", "депортация по национальному признаку"),
        ("deportation_social", "deportation on social or political grounds", "депортация по социальному или политическому признаку"),
        ("exile", "exile, banishment", "ссылка, высылка"),
        ("special_settlement", "special settlement", "спецпоселение"),
        ("born_in_special_settlement", "born in exile or special settlement", "рождение в ссылке или на спецпоселении"),
        ("labour_army", "labour army", "трудармия"),
        ("filtration", "filtration", "фильтрация"),
        ("disenfranchisement", "disenfranchisement", "лишение избирательных прав"),
        ("psychiatric", "compulsory psychiatric treatment", "принудительное психиатрическое лечение"),
        ("family_member", "repression as a family member", "репрессия как члена семьи (ЧСИР)"),
        ("camp_sentence", "new sentence in camp or exile", "осуждение в лагере или ссылке"),
        ("camp_death", "death in a camp", "смерть в лагере"),
        ("expulsion_abroad", "expulsion from the country", "высылка за границу"),
        ("deprivation_of_citizenship", "deprivation of citizenship", "лишение гражданства"),
        ("dismissal", "dismissal, professional ban", "увольнение, запрет на профессию"),
        ("other", "other repression", "иная репрессия"),
    ]
}

vocabulary! {
    /// Body that made the arrest.
    ArrestingBody, "arresting_body", [
        ("vchk", "Cheka, central", "ВЧК"),
        ("local_chk", "local Cheka", "губернская, уездная, транспортная ЧК"),
        ("gpu", "GPU and its local bodies", "ГПУ и его местные органы"),
        ("ogpu", "OGPU, central", "ОГПУ"),
        ("pp_ogpu", "OGPU plenipotentiary", "ПП ОГПУ"),
        ("ogpu_local", "local OGPU department", "окротдел, оперсектор, райотдел ОГПУ"),
        ("gugb_nkvd", "NKVD, central (GUGB)", "НКВД СССР (ГУГБ)"),
        ("republic_nkvd", "NKVD of a republic", "НКВД союзной или автономной республики"),
        ("unkvd", "regional NKVD", "УНКВД области, края"),
        ("ro_nkvd", "district or town NKVD", "районный, городской отдел НКВД"),
        ("transport_nkvd", "transport department", "дорожно-транспортный отдел (ДТО, ТО)"),
        ("special_department", "special department (army)", "особый отдел (ОО)"),
        ("smersh", "SMERSH", "контрразведка «СМЕРШ»"),
        ("nkgb", "NKGB and its local bodies", "НКГБ, УНКГБ"),
        ("mgb", "MGB and its local bodies", "МГБ, УМГБ"),
        ("mvd", "MVD and its local bodies", "МВД, УМВД"),
        ("kgb", "KGB and its local bodies", "КГБ, УКГБ"),
        ("militia", "militia", "милиция"),
        ("prosecutor", "prosecutor's office", "прокуратура"),
        ("revolutionary_tribunal", "revolutionary tribunal", "ревтрибунал"),
        ("military_investigator", "military investigator", "военный следователь"),
        ("border_guards", "border guards", "пограничные войска"),
        ("camp_administration", "camp operations department", "оперчекистский отдел лагеря"),
        ("foreign_security", "security service of another state", "органы безопасности другого государства"),
        ("local_authority", "local authority", "местная власть (РИК, сельсовет)"),
        ("other", "other body", "другой орган"),
    ]
}

vocabulary! {
    /// Preventive measure during the investigation.
    PreventiveMeasure, "preventive_measure", [
        ("custody", "held in custody", "содержание под стражей"),
        ("inner_prison", "held in an inner prison", "содержание во внутренней тюрьме"),
        ("written_pledge", "pledge not to leave", "подписка о невыезде"),
        ("pledge_to_appear", "pledge to appear", "подписка о явке"),
        ("house_arrest", "house arrest", "домашний арест"),
        ("surety", "personal surety", "личное поручительство"),
        ("bail", "bail", "залог"),
        ("search_warrant", "wanted", "объявлен в розыск"),
        ("none", "none", "не избиралась"),
        ("other", "other measure", "иная мера"),
    ]
}

vocabulary! {
    /// Code or act the article belongs to; republics without a code of their own used that of the RSFSR or the Ukrainian SSR.
    PenalCode, "penal_code", [
        ("rsfsr_1922", "Penal Code of the RSFSR, 1922", "УК РСФСР 1922 г."),
        ("rsfsr_1926", "Penal Code of the RSFSR, 1926", "УК РСФСР 1926 г."),
        ("rsfsr_1960", "Penal Code of the RSFSR, 1960", "УК РСФСР 1960 г."),
        ("ukrainian_ssr_1922", "Penal Code of the Ukrainian SSR, 1922", "УК УССР 1922 г."),
        ("ukrainian_ssr_1927", "Penal Code of the Ukrainian SSR, 1927", "УК УССР 1927 г."),
        ("ukrainian_ssr_1960", "Penal Code of the Ukrainian SSR, 1960", "УК УССР 1960 г."),
        ("byelorussian_ssr_1928", "Penal Code of the Byelorussian SSR, 1928", "УК БССР 1928 г."),
        ("georgian_ssr_1928", "Penal Code of the Georgian SSR, 1928", "УК Грузинской ССР 1928 г."),
        ("armenian_ssr_1927", "Penal Code of the Armenian SSR, 1927", "УК Армянской ССР 1927 г."),
        ("azerbaijan_ssr_1927", "Penal Code of the Azerbaijan SSR, 1927", "УК Азербайджанской ССР 1927 г."),
        ("uzbek_ssr_1926", "Penal Code of the Uzbek SSR, 1926", "УК Узбекской ССР 1926 г."),
        ("turkmen_ssr_1927", "Penal Code of the Turkmen SSR, 1927", "УК Туркменской ССР 1927 г."),
        ("tajik_ssr_1935", "Penal Code of the Tajik SSR, 1935", "УК Таджикской ССР 1935 г."),
        ("union_republic_other", "penal code of another union republic", "УК другой союзной республики"),
        ("state_crimes_1927", "Statute on State Crimes, 1927", "Положение о преступлениях государственных 1927 г."),
        ("decree_1930_02_01", "decree on kulaks, 1 February 1930", "постановление ЦИК и СНК СССР 01.02.1930"),
        ("decree_1932_08_07", "decree on socialist property, 7 August 1932", "постановление ЦИК и СНК СССР 07.08.1932"),
        ("decree_1934_12_01", "decree on terrorist cases, 1 December 1934", "постановление ЦИК СССР 01.12.1934"),
        ("decree_1940_06_26", "decree on leaving work, 26 June 1940", "Указ ПВС СССР 26.06.1940"),
        ("decree_1941_07_06", "decree on rumours in wartime, 6 July 1941", "Указ ПВС СССР 06.07.1941"),
        ("decree_1941_08_28", "decree on the Volga Germans, 28 August 1941", "Указ ПВС СССР 28.08.1941"),
        ("decree_1943_04_19", "decree on fascist crimes and traitors, 19 April 1943", "Указ ПВС СССР 19.04.1943"),
        ("decree_1947_06_04", "decrees on theft, 4 June 1947", "Указы ПВС СССР 04.06.1947"),
        ("decree_1948_06_02", "decree on idlers, 2 June 1948", "Указ ПВС СССР 02.06.1948"),
        ("decree_1948_11_26", "decree on escape from settlement, 26 November 1948", "Указ ПВС СССР 26.11.1948"),
        ("state_crimes_1958", "Law on State Crimes, 1958", "Закон об уголовной ответственности за государственные преступления 1958 г."),
        ("oso_letters", "lettered charges of the Special Board (KRD, ASA, SOE, ChSIR)", "литерные статьи Особого совещания (КРД, АСА, СОЭ, ЧСИР)"),
        ("foreign_code", "code of another state", "кодекс другого государства"),
        ("other", "other act", "другой акт"),
    ]
}

vocabulary! {
    /// Category of a list or operation, which fixed the sentence beforehand.
    ListCategory, "list_category", [
        ("category_1", "first category: execution", "1-я категория (расстрел)"),
        ("category_2", "second category: ten years (lists); eight to ten (order 00447)", "2-я категория (10 лет; по приказу № 00447 — 8–10 лет)"),
        ("category_3", "third category: five to eight years", "3-я категория (5–8 лет)"),
    ]
}

vocabulary! {
    /// Court or other body that imposed the penalty.
    SentencingBody, "sentencing_body", [
        ("collegium_vchk", "Collegium of the Cheka", "Коллегия ВЧК"),
        ("local_chk", "local Cheka", "губернская или уездная ЧК"),
        ("collegium_gpu", "Collegium of the GPU", "Коллегия ГПУ"),
        ("collegium_ogpu", "Collegium of the OGPU", "Коллегия ОГПУ"),
        ("nkvd_exile_commission", "NKVD Commission on Administrative Exile, 1922–1924", "Комиссия НКВД по административным высылкам"),
        ("oso", "Special Board, period not stated", "Особое совещание (ОСО)"),
        ("oso_ogpu", "Special Board of the OGPU Collegium", "Особое совещание при Коллегии ОГПУ"),
        ("oso_nkvd", "Special Board of the NKVD", "Особое совещание при НКВД СССР"),
        ("oso_mgb", "Special Board of the MGB", "Особое совещание при МГБ СССР"),
        ("troika", "troika, not specified", "тройка"),
        ("troika_ogpu", "troika of the OGPU or its plenipotentiary", "тройка при ПП ОГПУ (ГПУ)"),
        ("troika_unkvd", "troika of a regional NKVD (1937–1938)", "тройка при УНКВД (НКВД республики)"),
        ("troika_special_1938", "special troika, September–November 1938", "особая тройка (сентябрь–ноябрь 1938)"),
        ("troika_militia", "militia troika", "милицейская тройка"),
        ("troika_district", "district troika for dekulakisation", "районная тройка по раскулачиванию"),
        ("commission_nkvd_prosecutor", "Commission of NKVD and Prosecutor (“dvoika”, album)", "Комиссия НКВД и Прокурора СССР («двойка»)"),
        ("troika_katyn_1940", "Central troika of the NKVD, 1940", "центральная тройка НКВД СССР (1940)"),
        ("military_collegium", "Military Collegium of the Supreme Court", "Военная коллегия Верховного суда СССР"),
        ("special_judicial_presence", "Special Judicial Presence of the Supreme Court", "Специальное судебное присутствие Верховного суда СССР"),
        ("military_tribunal", "military tribunal, not specified", "военный трибунал"),
        ("military_tribunal_district", "military tribunal of a district, front, army or unit", "военный трибунал округа, фронта, армии, соединения"),
        ("military_tribunal_fleet", "military tribunal of a fleet", "военный трибунал флота"),
        ("military_tribunal_nkvd", "military tribunal of NKVD/MVD troops", "военный трибунал войск НКВД (МВД)"),
        ("military_tribunal_transport", "military tribunal of a railway or waterway", "военный трибунал железной дороги, бассейна"),
        ("military_field_court", "military field court", "военно-полевой суд"),
        ("revolutionary_tribunal", "revolutionary tribunal", "революционный трибунал"),
        ("revolutionary_military_tribunal", "revolutionary military tribunal", "реввоентрибунал"),
        ("supreme_court_ussr", "Supreme Court of the USSR", "Верховный суд СССР"),
        ("supreme_court_republic", "supreme (chief) court of a republic", "Верховный (Главный) суд республики"),
        ("regional_court", "regional, territorial or provincial court", "областной, краевой, губернский суд"),
        ("district_town_court", "okrug or city court", "окружной, городской суд"),
        ("special_collegium", "special collegium of a court", "спецколлегия суда"),
        ("peoples_court", "people's court", "народный суд"),
        ("transport_court", "line (transport) court", "линейный (железнодорожный, водный) суд"),
        ("camp_court", "camp court", "лагерный суд"),
        ("court_unspecified", "court, not specified", "суд (не указан)"),
        ("nkvd_body", "security body without court (case closed, exile)", "орган ОГПУ, НКВД, МГБ без указания инстанции"),
        ("prosecutor", "prosecutor's office", "прокуратура"),
        ("special_settlement_commandant", "commandant of special settlements", "спецкомендатура"),
        ("rik", "district executive committee", "райисполком (РИК)"),
        ("regional_executive", "regional executive committee", "обл-, край-, окрисполком"),
        ("village_soviet", "village soviet", "сельсовет"),
        ("village_meeting", "village meeting", "собрание бедноты и колхозников, сход"),
        ("special_eviction_commission", "commission on evictions", "комиссия по выселению"),
        ("election_commission", "election commission", "избирательная комиссия"),
        ("politburo", "Politburo (list or decision)", "Политбюро ЦК ВКП(б)"),
        ("presidium_supreme_soviet", "Presidium of the Supreme Soviet, TsIK", "Президиум Верховного Совета, ЦИК"),
        ("gko", "State Defence Committee", "Государственный Комитет Обороны (ГКО)"),
        ("sovnarkom", "Council of People's Commissars or Ministers", "СНК, Совет министров"),
        ("foreign_court", "court of another state", "суд другого государства"),
        ("other", "other body", "другой орган"),
    ]
}

vocabulary! {
    /// What the penalty consisted in; one decision may hold several.
    PenaltyKind, "penalty_kind", [
        ("execution", "execution by shooting", "ВМН (расстрел)"),
        ("death_by_hanging", "death by hanging", "смертная казнь через повешение"),
        ("camp", "labour camp", "ИТЛ (концлагерь)"),
        ("special_camp", "special camp", "особый лагерь"),
        ("prison", "prison", "тюремное заключение"),
        ("deprivation_of_liberty", "deprivation of liberty, place not stated", "лишение свободы"),
        ("colony", "labour colony", "ИТК"),
        ("katorga", "katorga", "каторжные работы"),
        ("exile", "exile", "ссылка"),
        ("banishment", "banishment", "высылка"),
        ("minus", "ban on living in listed places (“minus”)", "запрет проживания («минус»)"),
        ("special_settlement", "special settlement", "спецпоселение"),
        ("dekulakisation", "dekulakisation", "раскулачивание"),
        ("eviction", "eviction", "выселение"),
        ("deportation", "deportation", "депортация"),
        ("expulsion_abroad", "expulsion from the country", "высылка за пределы страны"),
        ("labour_army", "labour army", "трудармия"),
        ("penal_unit", "penal unit, front", "направление в штрафную часть, на фронт"),
        ("disenfranchisement", "disenfranchisement", "лишение избирательных прав"),
        ("loss_of_rights", "loss of civil rights", "поражение в правах"),
        ("loss_of_rank", "loss of rank or decorations", "лишение звания, наград"),
        ("loss_of_citizenship", "loss of citizenship", "лишение гражданства"),
        ("confiscation", "confiscation of property", "конфискация имущества"),
        ("fine", "fine", "штраф"),
        ("forced_labour", "forced labour without imprisonment", "принудительные работы"),
        ("suspended_sentence", "suspended sentence", "условное осуждение"),
        ("time_served", "pre-trial detention counted as served", "зачёт срока предварительного заключения"),
        ("supervision", "open police supervision", "гласный надзор"),
        ("reprimand", "public censure", "общественное порицание"),
        ("psychiatric_treatment", "compulsory treatment", "принудительное лечение"),
        ("filtration", "check in a filtration camp", "проверка в ПФЛ"),
        ("case_dropped", "case dropped", "дело прекращено"),
        ("acquitted", "acquitted", "оправдан"),
        ("released", "released without sentence", "освобождён без осуждения"),
        ("referred", "referred to another body", "дело передано в другой орган"),
        ("other", "other penalty", "иная мера"),
    ]
}

vocabulary! {
    /// Kind of place of detention or forced residence.
    DetentionKind, "detention_kind", [
        ("police_cell", "detention cell", "КПЗ, арестное помещение"),
        ("inner_prison", "inner prison", "внутренняя тюрьма"),
        ("prison", "prison", "тюрьма"),
        ("isolator", "political isolator", "политизолятор"),
        ("concentration_camp", "concentration camp (1918–1920s)", "концлагерь"),
        ("special_purpose_camp", "special-purpose camp (Solovki)", "лагерь особого назначения (СЛОН)"),
        ("camp", "corrective-labour camp", "ИТЛ"),
        ("special_camp", "special camp (1948–1954)", "особый лагерь"),
        ("katorga_camp", "katorga division", "каторжное отделение"),
        ("camp_point", "camp division or point", "ОЛП, лагпункт"),
        ("colony", "labour colony", "ИТК"),
        ("juvenile_colony", "juvenile colony, children's home", "детская колония, детдом"),
        ("transit_camp", "transit prison or camp", "пересыльная тюрьма, пересыльный пункт"),
        ("transport", "prison transport", "этап"),
        ("sharashka", "sharashka", "«шарашка» (особое техническое бюро)"),
        ("filtration_camp", "filtration camp", "проверочно-фильтрационный лагерь (ПФЛ)"),
        ("pow_camp", "prisoner-of-war camp", "лагерь военнопленных"),
        ("internment_camp", "internment camp", "лагерь для интернированных"),
        ("soviet_special_camp", "NKVD special camp in Germany", "спецлагерь НКВД в Германии"),
        ("labour_army", "labour army column", "рабочая колонна (трудармия)"),
        ("special_settlement", "special settlement", "спецпоселение, трудпосёлок"),
        ("exile", "place of exile", "место ссылки"),
        ("psychiatric_hospital", "psychiatric hospital", "психиатрическая больница"),
        ("prison_hospital", "prison or camp hospital", "тюремная или лагерная больница"),
        ("other", "other place", "иное место"),
    ]
}

vocabulary! {
    /// Why the detention or settlement ended.
    ReleaseReason, "release_reason", [
        ("term_served", "term served", "по отбытии срока"),
        ("early", "early release", "досрочно"),
        ("workday_credit", "credit for working days", "по зачёту рабочих дней"),
        ("parole", "parole", "условно-досрочно"),
        ("amnesty_1945", "amnesty of 7 July 1945", "по амнистии 07.07.1945"),
        ("amnesty_1953", "amnesty of 27 March 1953", "по амнистии 27.03.1953"),
        ("amnesty_1955", "amnesty of 17 September 1955", "по амнистии 17.09.1955"),
        ("amnesty_polish_1941", "amnesty of Polish citizens, 12 August 1941", "по амнистии польских граждан 12.08.1941"),
        ("amnesty", "another amnesty", "по амнистии"),
        ("pardon", "pardon", "по помилованию"),
        ("sentence_reduced", "sentence reduced", "по снижению срока"),
        ("case_dropped", "case dropped", "за прекращением дела"),
        ("acquitted", "acquitted", "по оправдании"),
        ("sentence_annulled", "sentence annulled", "по отмене приговора"),
        ("rehabilitated", "rehabilitated", "по реабилитации"),
        ("commission_1956", "commission of the Supreme Soviet, 1956", "комиссией ПВС СССР 1956 г."),
        ("illness", "illness or disability", "по болезни, инвалидности (актирован)"),
        ("removed_from_register", "removed from the special-settlement register", "снят с учёта спецпоселения"),
        ("rights_restored", "rights restored", "восстановлен в правах"),
        ("to_front", "sent to the front", "направлен на фронт"),
        ("to_dependants", "released to the care of relatives", "передан на иждивение родственников"),
        ("repatriated", "repatriated or exchanged", "репатриирован, обменян"),
        ("demobilised", "demobilised from the labour army", "демобилизован из трудармии"),
        ("to_exile", "moved to exile or settlement", "направлен в ссылку, на спецпоселение"),
        ("escaped", "escaped", "бежал"),
        ("died", "died", "умер"),
        ("other", "other", "иное"),
    ]
}

vocabulary! {
    /// Body that rehabilitated or certified it.
    RehabilitationBody, "rehabilitation_body", [
        ("military_collegium", "Military Collegium of the Supreme Court", "Военная коллегия Верховного суда"),
        ("supreme_court_ussr", "Supreme Court of the USSR", "Верховный суд СССР"),
        ("supreme_court_republic", "supreme court of a republic", "Верховный суд республики"),
        ("regional_court", "regional court or its presidium", "областной (краевой) суд, президиум суда"),
        ("district_court", "district, town or people's court", "районный, городской, народный суд"),
        ("military_tribunal", "military tribunal or court", "военный трибунал, военный суд"),
        ("chief_military_prosecutor", "Chief Military Prosecutor's Office", "Главная военная прокуратура"),
        ("military_prosecutor", "military prosecutor's office", "военная прокуратура"),
        ("general_prosecutor", "General Prosecutor's Office", "Генеральная прокуратура"),
        ("regional_prosecutor", "prosecutor's office of a republic or region", "прокуратура республики, области, края"),
        ("interior_regional", "interior ministry of a republic or region", "МВД, УВД, ГУВД, ИЦ УВД"),
        ("security_body", "state security body", "КГБ, ФСБ, СНБ, СБУ"),
        ("nkvd", "NKVD or MVD (1939–1953)", "НКВД, МВД (1939–1953)"),
        ("commission_1954_1956", "review commission, 1954–1956", "комиссия по пересмотру дел, 1954–1956"),
        ("presidium_supreme_soviet", "Presidium of the Supreme Soviet", "Президиум Верховного Совета"),
        ("local_authority", "local authority or its commission", "исполком, администрация, комиссия по реабилитации"),
        ("commission_national", "national commission on rehabilitation", "национальная комиссия по реабилитации"),
        ("party_body", "party body (party rehabilitation)", "партийный орган (партийная реабилитация)"),
        ("other", "other body", "другой орган"),
    ]
}

vocabulary! {
    /// Ground of rehabilitation: finding of the case or law applied.
    RehabilitationBasis, "rehabilitation_basis", [
        ("no_corpus_delicti", "no elements of a crime", "за отсутствием состава преступления"),
        ("no_event", "no event of a crime", "за отсутствием события преступления"),
        ("not_proven", "not proven", "за недоказанностью (недостаточностью улик)"),
        ("no_participation", "no part in the crime", "за непричастностью"),
        ("new_circumstances", "newly discovered circumstances", "по вновь открывшимся обстоятельствам"),
        ("case_dropped", "case dropped, ground not stated", "дело прекращено (основание не указано)"),
        ("no_guilty_judgment", "released without sentence on rehabilitating grounds", "по реабилитирующим обстоятельствам"),
        ("political_motives", "persecuted on political grounds", "репрессирован по политическим мотивам"),
        ("decree_1989_01_16", "decree of the USSR, 16 January 1989", "Указ ПВС СССР от 16.01.1989"),
        ("declaration_1989_11_14", "declaration on repressed peoples, 14 November 1989", "Декларация ВС СССР от 14.11.1989"),
        ("decree_1990_08_13", "decree of the President of the USSR, 13 August 1990", "Указ Президента СССР от 13.08.1990"),
        ("law_repressed_peoples_1991", "RSFSR law on repressed peoples, 26 April 1991", "Закон РСФСР от 26.04.1991 «О реабилитации репрессированных народов»"),
        ("law_rsfsr_1991_10_18", "RSFSR law of 18 October 1991", "Закон РСФСР от 18.10.1991"),
        ("law_ukraine_1991_04_17", "Ukrainian law of 17 April 1991", "Закон УССР от 17.04.1991"),
        ("resolution_belarus_1991_06_06", "Belarusian resolution of 6 June 1991", "постановление ВС РБ от 06.06.1991"),
        ("law_kazakhstan_1993_04_14", "Kazakh law of 14 April 1993", "Закон РК от 14.04.1993"),
        ("law_other_state", "law of another state", "закон другого государства"),
        ("special_settlement_lifted", "removal of special-settlement restrictions", "снятие ограничений по спецпоселению"),
        ("victim_recognised", "recognised as victim of repression", "признан пострадавшим от политических репрессий"),
        ("deemed_by_law", "deemed rehabilitated by law, without decision", "считается реабилитированным по закону"),
        ("other", "other ground", "иное основание"),
    ]
}

vocabulary! {
    /// What a number about a group counts.
    GroupMeasure, "group_measure", [
        ("registered", "put on register", "взято на учёт"),
        ("arrested", "arrested", "арестовано"),
        ("sentenced", "sentenced", "осуждено"),
        ("sentenced_to_death", "sentenced to death", "осуждено к ВМН"),
        ("executed", "executed", "расстреляно"),
        ("sentenced_to_camp", "sentenced to camp or prison", "осуждено к ИТЛ, тюрьме"),
        ("exiled", "exiled or banished", "сослано, выслано"),
        ("dekulakised", "dekulakised", "раскулачено"),
        ("deported", "deported", "депортировано"),
        ("special_settlers", "special settlers present", "состояло на спецпоселении"),
        ("prisoners", "prisoners present", "содержалось заключённых"),
        ("mobilised_labour_army", "mobilised into the labour army", "мобилизовано в трудармию"),
        ("born", "born in exile or settlement", "родилось в ссылке, на спецпоселении"),
        ("died_in_transit", "died in transit", "умерло в пути"),
        ("died_in_custody", "died in custody", "умерло в заключении"),
        ("died_in_settlement", "died in exile or settlement", "умерло в ссылке, на спецпоселении"),
        ("died_total", "died, total", "погибло всего"),
        ("escaped", "escaped", "бежало"),
        ("disappeared", "disappeared", "пропало без вести"),
        ("released", "released", "освобождено"),
        ("rehabilitated", "rehabilitated", "реабилитировано"),
        ("quota_first_category", "quota, first category", "лимит по 1-й категории"),
        ("quota_second_category", "quota, second category", "лимит по 2-й категории"),
        ("quota_total", "quota, total", "лимит всего"),
        ("disenfranchised", "disenfranchised", "лишено избирательных прав"),
        ("dismissed", "dismissed", "уволено"),
        ("expelled_from_party", "expelled from the party", "исключено из партии"),
        ("families", "families", "семей"),
        ("victims_total", "victims, total", "жертв всего"),
    ]
}
