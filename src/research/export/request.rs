//! What an export is asked for: kind, format, filters, and the state of the archive.

use crate::{
    model::{
        canon::sha256_hex,
        cite::Archive,
        errors::FieldErrors,
        export::{Format, Rows},
        kinds::KindDescriptor,
        time::StatedTime,
    },
    research::filtered::Filters,
    store::{Condition, ReadTx},
    usecase::{Error, Result as UseCaseResult},
};

/// A file that is asked for.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    pub kind: &'static KindDescriptor,
    pub format: Format,
    pub rows: Rows,
    /// The state it has to be of.
    pub snapshot: Option<i64>,
    /// In an order of their own: who asks for the same gets the same.
    filters: Filters,
    updated_since: Option<StatedTime>,
    pub(super) archive: Archive,
}

impl ExportRequest {
    /// A request without faults. Filters of the kind are looked at when the archive is open.
    pub fn new(
        kind: &'static KindDescriptor,
        (format, rows): (Option<Format>, Option<Rows>),
        snapshot: Option<i64>,
        updated_since: Option<StatedTime>,
        mut filters: Filters,
        archive: Archive,
    ) -> Result<Self, FieldErrors> {
        filters.given.sort();
        filters.given.dedup();
        let faults = std::mem::take(&mut filters.faults);
        let (format, rows) = (format.unwrap_or(Format::Ndjson), rows.unwrap_or(Rows::Entries));
        faults.into_result(Self { kind, format, rows, snapshot, filters, updated_since, archive })
    }

    /// What an entry has to be to stand in the file.
    pub(super) fn conditions(&self, tx: &mut ReadTx) -> UseCaseResult<Vec<Condition>> {
        let mut all = self.filters.conditions(tx, self.kind, None)?.map_err(Error::InvalidQuery)?;
        all.extend(self.updated_since.as_ref().map(|time| Condition::UpdatedSince(time.micros)));
        Ok(all)
    }

    /// The filters, as names and values.
    pub fn chosen(&self) -> Vec<(String, String)> {
        let mut chosen = self.filters.chosen(&[("updated_since", &self.updated_since)]);
        chosen.sort();
        chosen
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
            self.chosen(),
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
        query.extend_pairs(self.chosen()).append_pair("snapshot", &seq.to_string());
        format!("{}/v1/export/{}?{}", self.archive.url, self.kind.path, query.finish())
    }

    /// A name for the file.
    pub fn file_name(&self, seq: i64) -> String {
        let rows = if self.rows() == Some(Rows::Claims.as_str()) { "-claims" } else { "" };
        format!("kartoteka-{}{rows}-{seq}.{}", self.kind.path, self.format.extension())
    }
}
