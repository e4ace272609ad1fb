//! Romanisations of Russian names, written down apart from the tables of the program.

/// А romanisation: its name, what each letter of `LETTERS` becomes, and е behind a vowel, ь or ъ and at the beginning.
pub struct Scheme {
    pub name: &'static str,
    letters: [&'static str; 33],
    e_apart: &'static str,
    /// Endings, in this scheme, with what stands for them.
    endings: &'static [(&'static str, &'static str)],
}

const LETTERS: &str = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя";

#[rustfmt::skip]
pub const SCHEMES: &[Scheme] = &[
    Scheme { name: "BGN/PCGN", e_apart: "ye", endings: &[("iy", "y")], letters: [
        "a","b","v","g","d","e","yo","zh","z","i","y","k","l","m","n","o","p","r","s","t","u","f","kh","ts","ch","sh","shch","","y","’","e","yu","ya"] },
    Scheme { name: "ISO 9", e_apart: "e", endings: &[], letters: [
        "a","b","v","g","d","e","ë","ž","z","i","j","k","l","m","n","o","p","r","s","t","u","f","h","c","č","š","ŝ","ʺ","y","ʹ","è","û","â"] },
    Scheme { name: "ALA-LC", e_apart: "e", endings: &[], letters: [
        "a","b","v","g","d","e","ë","zh","z","i","ĭ","k","l","m","n","o","p","r","s","t","u","f","kh","t͡s","ch","sh","shch","ʺ","y","ʹ","ė","i͡u","i͡a"] },
    Scheme { name: "scientific", e_apart: "e", endings: &[], letters: [
        "a","b","v","g","d","e","ë","ž","z","i","j","k","l","m","n","o","p","r","s","t","u","f","x","c","č","š","šč","ʺ","y","ʹ","è","ju","ja"] },
    Scheme { name: "passport", e_apart: "e", endings: &[], letters: [
        "a","b","v","g","d","e","e","zh","z","i","i","k","l","m","n","o","p","r","s","t","u","f","kh","ts","ch","sh","shch","ie","y","","e","iu","ia"] },
    Scheme { name: "without diacritics", e_apart: "e", endings: &[], letters: [
        "a","b","v","g","d","e","e","z","z","i","j","k","l","m","n","o","p","r","s","t","u","f","h","c","c","s","sc","","y","","e","ju","ja"] },
    Scheme { name: "German", e_apart: "je", endings: &[("ij", "i")], letters: [
        "a","b","w","g","d","e","jo","sch","s","i","i","k","l","m","n","o","p","r","s","t","u","f","ch","z","tsch","sch","schtsch","","y","","e","ju","ja"] },
    Scheme { name: "French", e_apart: "ie", endings: &[("ii", "i"), ("in", "ine"), ("ov", "off"), ("ev", "eff")], letters: [
        "a","b","v","g","d","e","io","j","z","i","i","k","l","m","n","o","p","r","s","t","ou","f","kh","ts","tch","ch","chtch","","y","","e","iou","ia"] },
    Scheme { name: "Polish", e_apart: "je", endings: &[("ij", "i"), ("skij", "ski")], letters: [
        "a","b","w","g","d","ie","jo","ż","z","i","j","k","ł","m","n","o","p","r","s","t","u","f","ch","c","cz","sz","szcz","","y","","e","ju","ja"] },
    Scheme { name: "Czech", e_apart: "je", endings: &[("ova", "ovová"), ("ij", "ý")], letters: [
        "a","b","v","g","d","e","jo","ž","z","i","j","k","l","m","n","o","p","r","s","t","u","f","ch","c","č","š","šč","","y","","e","ju","ja"] },
    Scheme { name: "Hungarian", e_apart: "je", endings: &[("ij", "ij")], letters: [
        "a","b","v","g","d","e","jo","zs","z","i","j","k","l","m","n","o","p","r","sz","t","u","f","h","c","cs","s","scs","","i","","e","ju","ja"] },
    Scheme { name: "Latvian", e_apart: "je", endings: &[("ov", "ovs"), ("ev", "evs"), ("skij", "skis"), ("ič", "ičs")], letters: [
        "a","b","v","g","d","e","jo","ž","z","i","j","k","l","m","n","o","p","r","s","t","u","f","h","c","č","š","šč","","i","","e","ju","ja"] },
    Scheme { name: "Lithuanian", e_apart: "je", endings: &[("ov", "ovas"), ("ev", "evas"), ("skij", "skis"), ("ič", "ičius")], letters: [
        "a","b","v","g","d","e","io","ž","z","i","j","k","l","m","n","o","p","r","s","t","u","f","ch","c","č","š","šč","","y","","e","ju","ja"] },
    Scheme { name: "Estonian", e_apart: "je", endings: &[("ij", "i")], letters: [
        "a","b","v","g","d","e","jo","ž","z","i","i","k","l","m","n","o","p","r","s","t","u","f","hh","ts","tš","š","štš","","õ","","e","ju","ja"] },
    Scheme { name: "Finnish", e_apart: "je", endings: &[], letters: [
        "a","b","v","g","d","e","jo","ž","z","i","i","k","l","m","n","o","p","r","s","t","u","f","h","ts","tš","š","štš","","y","","e","ju","ja"] },
];

impl Scheme {
    pub fn romanise(&self, name: &str) -> String {
        name.split(' ').map(|word| self.word(word)).collect::<Vec<_>>().join(" ")
    }

    fn word(&self, word: &str) -> String {
        let mut text = String::new();
        let mut before = None;
        for c in word.to_lowercase().chars() {
            match LETTERS.chars().position(|l| l == c) {
                Some(_) if c == 'е' && before.is_none_or(|b| "аеёиоуыэюяьъ".contains(b)) => {
                    text.push_str(self.e_apart)
                }
                Some(n) => text.push_str(self.letters[n]),
                None => text.push(c),
            }
            before = Some(c);
        }
        if let Some((ending, other)) = self.endings.iter().rev().find(|(e, _)| text.ends_with(e)) {
            text.truncate(text.len() - ending.len());
            text.push_str(other);
        }
        let mut letters = text.chars();
        letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default()
    }
}
