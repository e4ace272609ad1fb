//! Vocabularies of a person's life: what real databases distinguish, one table each.

use super::vocabulary;

vocabulary! {
    /// Sex as the sources state it.
    Sex, "sex", [
        ("male", "male", "мужской"),
        ("female", "female", "женский"),
    ]
}

vocabulary! {
    /// How a life ended, as far as it bears on the repression.
    DeathKind, "death_kind", [
        ("executed", "executed", "расстрелян (казнён)"),
        ("died_under_investigation", "died under investigation", "умер во время следствия"),
        ("died_under_interrogation", "killed during interrogation", "погиб при допросе"),
        ("died_in_custody", "died in custody", "умер в заключении"),
        ("died_in_transit", "died during transport", "умер на этапе"),
        ("died_in_exile", "died in exile or special settlement", "умер в ссылке или на спецпоселении"),
        ("died_in_labour_army", "died in the labour army", "умер в трудармии"),
        ("died_in_psychiatric_hospital", "died in a psychiatric hospital", "умер в психиатрической больнице"),
        ("killed_while_escaping", "killed while escaping", "убит при побеге"),
        ("killed_at_arrest", "killed resisting arrest", "убит при задержании"),
        ("killed_in_uprising", "killed when an uprising was put down", "убит при подавлении восстания"),
        ("killed_extrajudicially", "killed without sentence", "убит без суда"),
        ("murdered", "murdered", "убит"),
        ("starved", "died of famine", "умер от голода"),
        ("suicide", "suicide", "самоубийство"),
        ("died_after_release", "died after release", "умер после освобождения"),
        ("killed_in_war", "killed in war", "погиб на войне"),
        ("accident", "accident", "несчастный случай"),
        ("natural", "natural causes", "естественная смерть"),
    ]
}

vocabulary! {
    /// Citizenship or subjecthood (подданство) as recorded; states are those of the time.
    Citizenship, "citizenship", [
        ("ussr", "USSR", "СССР"),
        ("russian_empire", "Russian Empire", "Российская империя"),
        ("rsfsr", "Soviet Russia before the USSR", "РСФСР (до образования СССР)"),
        ("stateless", "stateless", "без гражданства"),
        ("foreign_unspecified", "foreign, state not named", "иностранное подданство"),
        ("afghanistan", "Afghanistan", "Афганистан"),
        ("austria", "Austria", "Австрия"),
        ("austria_hungary", "Austria-Hungary", "Австро-Венгрия"),
        ("belgium", "Belgium", "Бельгия"),
        ("bulgaria", "Bulgaria", "Болгария"),
        ("canada", "Canada", "Канада"),
        ("china", "China", "Китай"),
        ("czechoslovakia", "Czechoslovakia", "Чехословакия"),
        ("denmark", "Denmark", "Дания"),
        ("estonia", "Estonia", "Эстония"),
        ("finland", "Finland", "Финляндия"),
        ("france", "France", "Франция"),
        ("georgia", "Georgia (1918–1921)", "Грузия (1918–1921)"),
        ("germany", "Germany", "Германия"),
        ("greece", "Greece", "Греция"),
        ("hungary", "Hungary", "Венгрия"),
        ("india", "British India", "Британская Индия"),
        ("iran", "Iran (Persia)", "Иран (Персия)"),
        ("iraq", "Iraq", "Ирак"),
        ("italy", "Italy", "Италия"),
        ("japan", "Japan", "Япония"),
        ("korea", "Korea", "Корея"),
        ("latvia", "Latvia", "Латвия"),
        ("lithuania", "Lithuania", "Литва"),
        ("manchukuo", "Manchukuo", "Маньчжоу-го"),
        ("mongolia", "Mongolia", "Монголия"),
        ("netherlands", "Netherlands", "Нидерланды"),
        ("norway", "Norway", "Норвегия"),
        ("palestine", "Palestine", "Палестина"),
        ("poland", "Poland", "Польша"),
        ("romania", "Romania", "Румыния"),
        ("spain", "Spain", "Испания"),
        ("sweden", "Sweden", "Швеция"),
        ("switzerland", "Switzerland", "Швейцария"),
        ("turkey", "Turkey", "Турция"),
        ("tuva", "Tuvan People's Republic", "Тувинская Народная Республика"),
        ("united_kingdom", "United Kingdom", "Великобритания"),
        ("united_states", "United States", "США"),
        ("yugoslavia", "Yugoslavia", "Югославия"),
        ("other", "another state", "другое"),
    ]
}

vocabulary! {
    /// Social origin: the estate or class of the parents, as questionnaires asked for it.
    SocialOrigin, "social_origin", [
        ("peasants", "from peasants", "из крестьян"),
        ("kulaks", "from kulaks", "из кулаков"),
        ("workers", "from workers", "из рабочих"),
        ("employees", "from white-collar employees", "из служащих"),
        ("craftsmen", "from craftsmen", "из кустарей, ремесленников"),
        ("townspeople", "from townspeople (meshchane)", "из мещан"),
        ("merchants", "from merchants", "из купцов"),
        ("traders", "from traders", "из торговцев"),
        ("honorary_citizens", "from honorary citizens", "из почётных граждан"),
        ("nobility", "from the nobility", "из дворян"),
        ("clergy", "from the clergy", "из духовенства"),
        ("cossacks", "from Cossacks", "из казаков"),
        ("military", "from the military", "из военнослужащих"),
        ("officials", "from officials", "из чиновников"),
        ("intelligentsia", "from the intelligentsia", "из интеллигенции"),
        ("entrepreneurs", "from manufacturers and entrepreneurs", "из фабрикантов, предпринимателей"),
        ("landowners", "from landowners", "из помещиков"),
        ("other", "other origin", "иное"),
    ]
}

vocabulary! {
    /// Social status at the time of the repression, in the categories of Soviet record keeping.
    SocialStatus, "social_status", [
        ("worker", "worker", "рабочий"),
        ("employee", "white-collar employee", "служащий"),
        ("collective_farmer", "collective farmer", "колхозник"),
        ("independent_peasant", "independent peasant", "крестьянин-единоличник"),
        ("poor_peasant", "poor peasant", "бедняк"),
        ("middle_peasant", "middle peasant", "середняк"),
        ("wealthy_peasant", "wealthy peasant", "зажиточный крестьянин"),
        ("kulak", "kulak", "кулак"),
        ("peasant", "peasant, not specified", "крестьянин"),
        ("farm_labourer", "farm labourer", "батрак"),
        ("craftsman", "craftsman", "кустарь"),
        ("trader", "trader", "торговец"),
        ("serviceman", "serviceman", "военнослужащий"),
        ("clergyman", "minister of religion", "служитель культа"),
        ("monastic", "monk or nun", "монашествующий"),
        ("student", "student", "учащийся"),
        ("housewife", "housewife", "домохозяйка"),
        ("pensioner", "pensioner", "пенсионер"),
        ("dependant", "dependant", "иждивенец"),
        ("child", "child", "ребёнок"),
        ("unemployed", "not working", "не работал"),
        ("no_fixed_occupation", "without fixed occupation", "без определённых занятий"),
        ("prisoner", "prisoner", "заключённый"),
        ("special_settler", "special settler", "спецпоселенец"),
        ("exile", "exile", "ссыльный"),
        ("disenfranchised", "disenfranchised", "лишенец"),
        ("osadnik", "osadnik (Polish military settler)", "осадник"),
        ("refugee", "refugee", "беженец"),
        ("former_person", "one of the “former people”", "«бывший»"),
        ("other", "other status", "иное"),
    ]
}

vocabulary! {
    /// Level of education, in the steps of Soviet questionnaires.
    Education, "education", [
        ("illiterate", "illiterate", "неграмотный"),
        ("semiliterate", "semi-literate", "малограмотный"),
        ("literate", "literate", "грамотный"),
        ("self_taught", "self-taught, taught at home", "самоучка, домашнее"),
        ("lower", "lower", "низшее"),
        ("incomplete_primary", "incomplete primary", "незаконченное начальное"),
        ("primary", "primary", "начальное"),
        ("incomplete_secondary", "incomplete secondary", "неполное среднее"),
        ("secondary", "secondary", "среднее"),
        ("secondary_special", "specialised secondary", "среднее специальное"),
        ("incomplete_higher", "incomplete higher", "незаконченное высшее"),
        ("higher", "higher", "высшее"),
        ("religious", "religious", "духовное"),
    ]
}

vocabulary! {
    /// Religion or confession.
    Religion, "religion", [
        ("orthodox", "Orthodox", "православный"),
        ("true_orthodox", "True Orthodox (catacomb)", "истинно-православный (ИПЦ, ИПХ)"),
        ("renovationist", "Renovationist", "обновленец"),
        ("ukrainian_autocephalous", "Ukrainian Autocephalous Orthodox", "УАПЦ"),
        ("old_believer", "Old Believer", "старообрядец"),
        ("georgian_orthodox", "Georgian Orthodox", "грузинский православный"),
        ("armenian_apostolic", "Armenian Apostolic", "армяно-григорианин"),
        ("church_of_the_east", "Church of the East", "несторианин"),
        ("catholic", "Roman Catholic", "католик"),
        ("greek_catholic", "Greek Catholic", "грекокатолик (униат)"),
        ("armenian_catholic", "Armenian Catholic", "армяно-католик"),
        ("lutheran", "Lutheran", "лютеранин"),
        ("reformed", "Reformed", "реформат"),
        ("mennonite", "Mennonite", "меннонит"),
        ("baptist", "Baptist", "баптист"),
        ("evangelical_christian", "Evangelical Christian", "евангельский христианин"),
        ("adventist", "Adventist", "адвентист"),
        ("pentecostal", "Pentecostal", "пятидесятник"),
        ("jehovahs_witness", "Jehovah's Witness", "свидетель Иеговы"),
        ("molokan", "Molokan", "молоканин"),
        ("doukhobor", "Doukhobor", "духоборец"),
        ("tolstoyan", "Tolstoyan", "толстовец"),
        ("khlyst_skopets", "Khlyst or Skopets", "хлыст, скопец"),
        ("jewish", "Jewish", "иудей"),
        ("karaite", "Karaite", "караим"),
        ("muslim", "Muslim", "мусульманин"),
        ("ismaili", "Ismaili", "исмаилит"),
        ("yazidi", "Yazidi", "езид"),
        ("buddhist", "Buddhist", "буддист"),
        ("traditional", "traditional belief, shamanism", "традиционные верования, шаманизм"),
        ("atheist", "not religious", "неверующий"),
        ("other", "other confession", "другое"),
    ]
}

vocabulary! {
    /// Groups of professions for statistics; the post itself stands in the text.
    ProfessionGroup, "profession_group", [
        ("party_and_state", "party and state leadership", "партийные и советские руководители"),
        ("administration", "administration and office work", "управление и делопроизводство"),
        ("industry_management", "management of industry and trade", "руководители хозяйства"),
        ("engineering", "engineers and technicians", "инженерно-технические работники"),
        ("industry", "industrial workers", "промышленные рабочие"),
        ("mining", "miners", "горняки"),
        ("construction", "building workers", "строители"),
        ("transport_railway", "railway workers", "железнодорожники"),
        ("transport_other", "other transport", "прочий транспорт"),
        ("communications", "post and communications", "связь"),
        ("agriculture", "peasants and farm workers", "сельское хозяйство"),
        ("farm_management", "management of collective and state farms", "руководство колхозов и совхозов"),
        ("forestry", "forestry and logging", "лесное хозяйство и лесозаготовки"),
        ("fishing_hunting", "fishing, hunting, reindeer herding", "рыболовство, охота, оленеводство"),
        ("crafts", "crafts", "кустари и ремесленники"),
        ("trade", "trade, supply, catering", "торговля, снабжение, питание"),
        ("finance", "finance and accounting", "финансы и учёт"),
        ("services", "services, guards, unskilled labour", "обслуживание, охрана, разнорабочие"),
        ("military", "army and navy", "армия и флот"),
        ("state_security", "state security and interior", "органы госбезопасности и внутренних дел"),
        ("law", "courts, prosecution, advocates", "суд, прокуратура, адвокатура"),
        ("diplomacy", "diplomacy and foreign trade", "дипломатия и внешняя торговля"),
        ("comintern", "Comintern and foreign parties", "Коминтерн и зарубежные партии"),
        ("education", "education", "образование"),
        ("science", "science and scholarship", "наука"),
        ("medicine", "medicine and veterinary care", "медицина и ветеринария"),
        ("literature_press", "literature and press", "литература и печать"),
        ("arts", "arts, theatre, music, film", "искусство, театр, музыка, кино"),
        ("clergy", "clergy and monastics", "духовенство и монашествующие"),
        ("students", "pupils and students", "учащиеся"),
        ("household", "household", "домохозяйки"),
        ("pensioners", "pensioners and invalids", "пенсионеры и инвалиды"),
        ("prisoners", "prisoners and exiles", "заключённые и ссыльные"),
        ("no_occupation", "no occupation", "без занятий"),
        ("other", "other", "прочие"),
    ]
}

vocabulary! {
    /// Membership of a party or political current; former membership of other parties is told by the dates of the claim.
    PoliticalParty, "political_party", [
        ("none", "no party", "беспартийный (б/п)"),
        ("vkpb_member", "member of the VKP(b) / CPSU", "член ВКП(б) / КПСС"),
        ("vkpb_candidate", "candidate of the VKP(b) / CPSU", "кандидат в члены ВКП(б) / КПСС"),
        ("vkpb_former", "former member of the VKP(b) / CPSU", "бывший член ВКП(б) / КПСС"),
        ("vlksm", "Komsomol", "ВЛКСМ"),
        ("vlksm_former", "former Komsomol member", "бывший член ВЛКСМ"),
        ("rsdrp", "RSDRP, wing not named", "РСДРП"),
        ("mensheviks", "Mensheviks", "меньшевики"),
        ("srs", "Socialist Revolutionaries", "эсеры"),
        ("left_srs", "Left Socialist Revolutionaries", "левые эсеры"),
        ("maximalists", "SR Maximalists", "эсеры-максималисты"),
        ("popular_socialists", "Popular Socialists", "народные социалисты"),
        ("anarchists", "anarchists", "анархисты"),
        ("left_opposition", "Trotskyists, Left Opposition", "троцкисты, левая оппозиция"),
        ("zinovievists", "Zinovievists", "зиновьевцы"),
        ("right_opposition", "Right Opposition", "правые (правая оппозиция)"),
        ("decists", "Democratic Centralists, Workers' Opposition", "децисты, рабочая оппозиция"),
        ("bund", "Bund", "Бунд"),
        ("poale_zion", "Poale Zion", "Поалей-Цион"),
        ("zionists", "Zionist organisations", "сионисты"),
        ("kadets", "Constitutional Democrats", "кадеты"),
        ("octobrists", "Octobrists", "октябристы"),
        ("monarchists", "monarchists, Union of the Russian People", "монархисты, Союз русского народа"),
        ("ukrainian_sr_borotbists", "Ukrainian SRs, Borotbists", "украинские эсеры, боротьбисты"),
        ("ukrainian_sd", "Ukrainian Social Democrats, Ukapists", "УСДРП, укаписты"),
        ("oun", "Organisation of Ukrainian Nationalists", "ОУН"),
        ("musavat", "Musavat", "Мусават"),
        ("dashnaktsutyun", "Dashnaktsutyun", "Дашнакцутюн"),
        ("hnchak", "Hnchak", "Гнчак"),
        ("georgian_parties", "Georgian Mensheviks, Federalists, National Democrats", "грузинские меньшевики, федералисты, нацдемократы"),
        ("alash", "Alash", "Алаш"),
        ("milli_firqa", "Milli Firqa", "Милли-Фирка"),
        ("nts", "NTS (National Labour Alliance)", "НТС"),
        ("pps", "Polish Socialist Party", "ППС"),
        ("sdkpil", "Social Democracy of Poland and Lithuania", "СДКПиЛ"),
        ("kpp", "Communist Party of Poland", "КПП"),
        ("kpzb", "Communist Party of Western Belorussia", "КПЗБ"),
        ("kpzu", "Communist Party of Western Ukraine", "КПЗУ"),
        ("kpg", "Communist Party of Germany", "КПГ"),
        ("kp_austria", "Communist Party of Austria", "КП Австрии"),
        ("kp_hungary", "Communist Party of Hungary", "КП Венгрии"),
        ("kp_latvia", "Communist Party of Latvia", "КП Латвии"),
        ("kp_estonia", "Communist Party of Estonia", "КП Эстонии"),
        ("kp_lithuania", "Communist Party of Lithuania", "КП Литвы"),
        ("kp_finland", "Communist Party of Finland", "КП Финляндии"),
        ("kp_yugoslavia", "Communist Party of Yugoslavia", "КП Югославии"),
        ("kp_bulgaria", "Communist Party of Bulgaria", "КП Болгарии"),
        ("kp_romania", "Communist Party of Romania", "КП Румынии"),
        ("kp_greece", "Communist Party of Greece", "КП Греции"),
        ("kp_china", "Communist Party of China", "КП Китая"),
        ("kp_other", "another foreign Communist party", "другая зарубежная компартия"),
        ("foreign_social_democrats", "foreign Social Democratic party", "зарубежная социал-демократическая партия"),
        ("nsdap", "National Socialist party", "НСДАП"),
        ("other", "other party", "другая партия"),
    ]
}

vocabulary! {
    /// What the other person is to this one.
    KinRelation, "kin_relation", [
        ("father", "father", "отец"),
        ("mother", "mother", "мать"),
        ("stepfather", "stepfather", "отчим"),
        ("stepmother", "stepmother", "мачеха"),
        ("adoptive_parent", "adoptive parent or guardian", "приёмный родитель, опекун"),
        ("husband", "husband", "муж"),
        ("wife", "wife", "жена"),
        ("partner", "partner", "гражданский муж, гражданская жена"),
        ("former_spouse", "former spouse", "бывший супруг, бывшая супруга"),
        ("son", "son", "сын"),
        ("daughter", "daughter", "дочь"),
        ("child", "child, sex not stated", "ребёнок"),
        ("stepchild", "stepchild", "пасынок, падчерица"),
        ("adopted_child", "adopted or foster child", "приёмный ребёнок"),
        ("brother", "brother", "брат"),
        ("sister", "sister", "сестра"),
        ("half_sibling", "half-brother or half-sister", "сводный или неполнородный брат, сестра"),
        ("grandfather", "grandfather", "дед"),
        ("grandmother", "grandmother", "бабушка"),
        ("grandchild", "grandchild", "внук, внучка"),
        ("uncle", "uncle", "дядя"),
        ("aunt", "aunt", "тётя"),
        ("nephew", "nephew", "племянник"),
        ("niece", "niece", "племянница"),
        ("cousin", "cousin", "двоюродный брат, двоюродная сестра"),
        ("father_in_law", "father-in-law", "тесть, свёкор"),
        ("mother_in_law", "mother-in-law", "тёща, свекровь"),
        ("son_in_law", "son-in-law", "зять"),
        ("daughter_in_law", "daughter-in-law", "невестка (сноха)"),
        ("brother_in_law", "brother-in-law", "шурин, деверь, свояк"),
        ("sister_in_law", "sister-in-law", "золовка, свояченица"),
        ("descendant", "later descendant", "потомок"),
        ("presumed", "presumed relative", "предположительный родственник"),
        ("other", "other relative", "другой родственник"),
    ]
}

vocabulary! {
    /// What a form of the name is.
    NameKind, "name_kind", [
        ("main", "main form", "основное имя"),
        ("birth", "name at birth", "имя при рождении"),
        ("married", "married name", "фамилия в браке"),
        ("pseudonym", "pseudonym, party or pen name", "псевдоним"),
        ("monastic", "monastic name", "монашеское имя"),
        ("as_in_document", "as written in a document", "как в документе"),
        ("variant", "variant", "вариант"),
        ("transliteration", "transliteration", "транслитерация"),
    ]
}

vocabulary! {
    /// Scheme by which a name was put into Latin letters.
    RomanisationScheme, "romanisation_scheme", [
        ("gost_7_79_b", "GOST 7.79-2000, system B", "ГОСТ 7.79-2000, система Б"),
        ("iso_9", "ISO 9:1995", "ИСО 9:1995"),
        ("bgn_pcgn", "BGN/PCGN", "BGN/PCGN"),
        ("ala_lc", "ALA-LC", "ALA-LC (Библиотека Конгресса)"),
        ("passport", "passport", "паспортная"),
        ("scholarly", "scholarly", "научная"),
        ("other", "other", "другая"),
    ]
}

vocabulary! {
    /// Register or database that issued an identifier.
    IdentifierScheme, "identifier_scheme", [
        ("wikidata", "Wikidata", "Викиданные"),
        ("viaf", "VIAF", "VIAF"),
        ("open_list", "Open List", "Открытый список"),
        ("memorial", "Memorial, “Victims of Political Terror in the USSR”", "Мемориал, «Жертвы политического террора в СССР»"),
        ("stalin_lists", "Stalin's Shooting Lists", "«Сталинские расстрельные списки»"),
        ("yad_vashem", "Yad Vashem", "Яд Вашем"),
        ("arolsen", "Arolsen Archives", "Архив Арользена"),
        ("other", "other", "другой"),
    ]
}
