//! Vocabularies of trials: what real databases distinguish, one table each.

use super::vocabulary;

vocabulary! {
    /// Form of the proceedings, from public trials to sentencing by list without the accused.
    TrialKind, "trial_kind", [
        ("open_show_trial", "open show trial", "открытый показательный процесс"),
        ("regional_show_trial", "open show trial in a region or district", "открытый областной или районный процесс"),
        ("closed_trial", "closed trial", "закрытый процесс"),
        ("supreme_court_trial", "trial by the Supreme Court", "процесс Верховного суда"),
        ("special_judicial_presence", "Special Judicial Presence", "Специальное судебное присутствие"),
        ("military_collegium_session", "session of the Military Collegium", "заседание Военной коллегии Верховного суда"),
        ("military_tribunal", "military tribunal", "заседание военного трибунала"),
        ("military_field_court", "military field court", "военно-полевой суд"),
        ("revolutionary_tribunal", "revolutionary tribunal", "заседание ревтрибунала"),
        ("special_collegium", "special collegium of a court", "заседание спецколлегии суда"),
        ("ordinary_court", "ordinary court", "заседание общего суда"),
        ("camp_court", "camp court", "заседание лагерного суда"),
        ("transport_court", "transport court", "заседание линейного (транспортного) суда"),
        ("troika_sitting", "sitting of a troika", "заседание тройки"),
        ("oso_sitting", "sitting of the Special Board", "заседание Особого совещания"),
        ("collegium_sitting", "sitting of a Cheka or OGPU collegium", "заседание Коллегии ВЧК, ГПУ или ОГПУ"),
        ("album_procedure", "album procedure of NKVD and Prosecutor", "рассмотрение в альбомном порядке (НКВД и Прокурор СССР)"),
        ("list_procedure", "sentencing by list approved by the Politburo", "осуждение по списку, утверждённому Политбюро"),
        ("simplified_procedure", "special procedure by certificates, without trial", "осуждение в особом порядке"),
        ("military_trial_war_crimes", "open trial of war criminals", "открытый процесс над военными преступниками"),
        ("court_of_honour", "court of honour", "суд чести"),
        ("other", "other proceedings", "иное"),
    ]
}

vocabulary! {
    /// Who could attend and know.
    Publicity, "publicity", [
        ("open", "open", "открытое"),
        ("open_to_selected", "open to a selected audience", "открытое для отобранной публики"),
        ("partly_open", "partly open", "частью открытое"),
        ("closed", "closed", "закрытое"),
        ("closed_announced", "closed, result announced", "закрытое, с объявлением в печати"),
        ("secret", "secret", "секретное"),
        ("in_absentia", "without the accused", "заочное"),
    ]
}

vocabulary! {
    /// What a title of a trial is.
    TitleKind, "title_kind", [
        ("official", "official", "официальное"),
        ("common", "common", "общепринятое"),
        ("translated", "translated", "переводное"),
        ("short", "short", "краткое"),
    ]
}

vocabulary! {
    /// What the accused answered to the charge.
    Plea, "plea", [
        ("guilty", "guilty", "виновным себя признал"),
        ("partly_guilty", "guilty in part", "виновным себя признал частично"),
        ("not_guilty", "not guilty", "виновным себя не признал"),
        ("retracted", "retracted the confession", "от показаний отказался"),
        ("refused_to_answer", "refused to answer", "отвечать отказался"),
        ("none_recorded", "none recorded", "в протоколе не отмечено"),
    ]
}

vocabulary! {
    /// What was decided about the guilt of one accused.
    Verdict, "verdict", [
        ("guilty", "guilty", "виновен"),
        ("guilty_in_part", "guilty in part", "виновен частично"),
        ("requalified", "guilty under another article", "виновен с переквалификацией"),
        ("acquitted", "acquitted", "оправдан"),
        ("dropped", "case dropped", "дело прекращено"),
        ("separated", "case separated", "дело выделено в отдельное производство"),
        ("sent_for_further_investigation", "sent back for further investigation", "направлено на доследование"),
        ("referred_to_another_body", "referred to another body", "передано в другой орган"),
        ("compulsory_treatment", "not responsible, compulsory treatment", "невменяем, принудительное лечение"),
        ("ended_by_death", "ended by death of the accused", "прекращено за смертью обвиняемого"),
    ]
}

vocabulary! {
    /// What came of a petition for clemency or an appeal.
    ClemencyOutcome, "clemency_outcome", [
        ("rejected", "rejected", "отклонено"),
        ("granted", "pardoned", "помилован"),
        ("commuted", "death sentence commuted", "высшая мера заменена"),
        ("reduced", "term reduced", "срок снижен"),
        ("not_considered", "not considered", "не рассмотрено"),
        ("not_forwarded", "not forwarded", "не передано"),
        ("not_admitted", "not admitted by law", "подача не допускалась"),
        ("answered_after_execution", "answered after the execution", "ответ дан после казни"),
    ]
}

vocabulary! {
    /// What a later court or commission made of the judgment.
    ReviewOutcome, "review_outcome", [
        ("annulled", "annulled", "приговор отменён, дело прекращено"),
        ("partly_annulled", "annulled in part", "приговор отменён частично"),
        ("upheld", "upheld", "приговор оставлен в силе"),
        ("sentence_reduced", "sentence reduced", "мера наказания снижена"),
        ("sentence_increased", "sentence increased", "мера наказания усилена"),
        ("requalified", "requalified", "действия переквалифицированы"),
        ("returned", "returned for a new hearing", "направлено на новое рассмотрение"),
        ("refused", "review refused", "в пересмотре отказано"),
        ("found_unfounded", "found to be unfounded, without annulment", "признано необоснованным без отмены"),
    ]
}

vocabulary! {
    /// How this trial stands to another.
    TrialRelation, "trial_relation", [
        ("continues", "continues", "продолжает"),
        ("follows_from", "follows from", "вытекает из"),
        ("same_case", "same case", "то же дело"),
        ("part_of", "part of", "часть"),
        ("appeal_of", "appeal against", "обжалование"),
        ("review_of", "review of", "пересмотр"),
        ("distinct_from", "to be told apart from", "не путать с"),
    ]
}

vocabulary! {
    /// What a document is to the trial.
    DocumentRole, "document_role", [
        ("political_decision", "political decision", "политическое решение"),
        ("indictment", "indictment", "обвинительное заключение"),
        ("interrogation", "record of interrogation", "протокол допроса"),
        ("protocol", "minutes", "протокол заседания"),
        ("transcript", "transcript", "стенограмма"),
        ("speech", "speech of prosecution or defence", "речь обвинения или защиты"),
        ("last_word", "last word of the accused", "последнее слово"),
        ("verdict", "verdict", "приговор"),
        ("petition", "petition for clemency or appeal", "ходатайство, жалоба"),
        ("execution_act", "record of execution", "акт о приведении приговора в исполнение"),
        ("list", "list of accused", "список обвиняемых"),
        ("correspondence", "correspondence", "переписка"),
        ("press_coverage", "press coverage", "освещение в печати"),
        ("foreign_report", "report of a foreign observer", "донесение иностранного наблюдателя"),
        ("review", "document of a later review", "документ пересмотра"),
        ("memoir", "memoir", "воспоминания"),
        ("study", "study", "исследование"),
        ("image", "photograph or film", "фото- и кинодокумент"),
        ("other", "other", "другое"),
    ]
}
