//! A victim record as linked data: an event with its parts.

use crate::model::linked_data::{LinkedData, Shape, maps};

pub const DATA: LinkedData = LinkedData {
    classes: &["schema:Event", "crm:E5_Event"],
    fields: &[
        maps("name", "schema:alternateName", Shape::Literal),
        maps("repression_type", "crm:P2_has_type", Shape::Term),
        maps("arrested", "crm:P9_consists_of", Shape::Part("arrest")),
        maps("sentenced", "crm:P9_consists_of", Shape::Part("sentencing")),
        maps("executed", "crm:P9_consists_of", Shape::Part("execution")),
        maps("released", "crm:P9_consists_of", Shape::Part("release")),
        maps("rehabilitated", "crm:P9_consists_of", Shape::Part("rehabilitation")),
    ],
    links: &[("person", "crm:P12_occurred_in_the_presence_of"), ("trial", "dcterms:relation")],
};
