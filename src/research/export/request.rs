//! What an export is asked for: kind, format, filters, and the state of the archive.

use crate::{
    model::{
        canon::sha256_hex,
        cite::Archive,
        errors::{FieldCode, FieldErrors},
        export::{Format, Rows},
        kinds::KindDescriptor,
        time::from_rfc3339,
    },
    research::lists::check_texts,
};

/// A file that is asked for.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    pub kind: &'static KindDescriptor,
    pub format: Format,
    pub rows: Rows,
    /// The state it has to be of.
    pub snapshot: Option<i64>,
    /// Filters, in an order of their own: who asks for the same gets the same.
    pub filters: Vec<(String, String)>,
    pub archive: Archive,
}

impl ExportRequest {
    /// Reads the parameters of a request. Filters of the kind are looked at when the archive is open.
    pub fn read(
        kind: &'static KindDescriptor,
        parameters: Vec<(String, String)>,
        archive: Archive,
    ) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        check_texts(&parameters, &mut errors);
        let mut request =
            Self { kind, format: Format::Ndjson, rows: Rows::Entries, snapshot: None, filters: vec![], archive };
        let mut seen: Vec<String> = Vec::new();
        let mut has_rows = false;
        for (name, value) in parameters {
            if ["format", "rows", "snapshot", "updated_since"].contains(&name.as_str()) {
                if seen.contains(&name) {
                    errors.push(&name, FieldCode::Duplicate, format!("{name} can be given once."));
                    continue;
                }
                seen.push(name.clone());
            }
            match name.as_str() {
                "format" => match Format::parse(&value).filter(|f| Format::of(kind).contains(f)) {
                    Some(format) => request.format = format,
                    None => {
                        let names: Vec<_> = Format::of(kind).into_iter().map(Format::as_str).collect();
                        let detail = format!("{value:?} is not one of: {}.", names.join(", "));
                        errors.push("format", FieldCode::UnknownCode, detail);
                    }
                },
                "rows" => match value.as_str() {
                    "entries" => has_rows = true,
                    "claims" => (request.rows, has_rows) = (Rows::Claims, true),
                    _ => errors.push("rows", FieldCode::UnknownCode, "rows is entries or claims."),
                },
                "snapshot" => match value.parse::<i64>().ok().filter(|n| *n >= 0) {
                    Some(seq) => request.snapshot = Some(seq),
                    None => errors.push("snapshot", FieldCode::InvalidValue, "snapshot is the number of an event."),
                },
                "sort" | "view" | "limit" | "cursor" | "facets" | "include" | "fields" | "at" => {
                    let detail = format!("An export has no {name}: it gives all entries in the order of their refs.");
                    errors.push(&name, FieldCode::UnknownParameter, detail);
                }
                "updated_since" if from_rfc3339(&value).is_none() => {
                    errors.push("updated_since", FieldCode::InvalidValue, "Not an RFC 3339 time.");
                }
                _ => request.filters.push((name, value)),
            }
        }
        if has_rows && request.format != Format::Csv {
            errors.push("rows", FieldCode::InvalidValue, "rows is for CSV only.");
        }
        request.filters.sort();
        request.filters.dedup();
        errors.into_result(request)
    }

    /// What a row stands for, where the format leaves a choice.
    pub fn rows(&self) -> Option<&'static str> {
        (self.format == Format::Csv).then(|| self.rows.as_str())
    }

    /// Stands for the bytes of the file in a state of the archive. What the program derives from bodies may differ from
    /// one version to the next.
    pub fn tag(&self, seq: i64) -> String {
        let parts = (
            env!("CARGO_PKG_VERSION"),
            (&*self.archive.name, &*self.archive.url),
            (self.kind.name, self.format.as_str(), self.rows()),
            &self.filters,
        );
        let text = serde_json::to_string(&parts).unwrap_or_default();
        format!("{seq}-{}", sha256_hex(text.as_bytes()).get(..24).unwrap_or_default())
    }

    /// The address of the file in a state of the archive.
    pub fn address(&self, seq: i64) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("format", self.format.as_str());
        if let Some(rows) = self.rows() {
            query.append_pair("rows", rows);
        }
        query.extend_pairs(&self.filters).append_pair("snapshot", &seq.to_string());
        format!("{}/v1/export/{}?{}", self.archive.url, self.kind.path, query.finish())
    }

    /// A name for the file.
    pub fn file_name(&self, seq: i64) -> String {
        let rows = if self.rows() == Some(Rows::Claims.as_str()) { "-claims" } else { "" };
        format!("kartoteka-{}{rows}-{seq}.{}", self.kind.path, self.format.extension())
    }
}
