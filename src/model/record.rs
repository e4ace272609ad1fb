//! One declaration for every part of a body: its Rust struct, its strict reader and its schema.

use std::collections::BTreeMap;

/// Tells whether a field has nothing to say and is left out of the canonical body.
pub trait Absent {
    fn is_absent(&self) -> bool;
}

impl<T> Absent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Absent for Vec<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<K, V> Absent for BTreeMap<K, V> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// Declares a part of a body. Required fields must be present; optional ones default to nothing and are
/// left out when empty. Unknown fields are refused. `rule` names a function `fn(Self, ValuePointerRef) ->
/// Result<Self, FieldErrors>` that judges the part as a whole.
macro_rules! record {
    (
        $(#[$meta:meta])* $name:ident $(rule $rule:path)?;
        $(required { $($(#[$rmeta:meta])* $rfield:ident: $rtype:ty,)* })?
        $(optional { $($(#[$ometa:meta])* $ofield:ident: $otype:ty,)* })?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, deserr::Deserr, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        #[deserr(error = $crate::model::errors::FieldErrors, deny_unknown_fields $(, validate = $rule -> $crate::model::errors::FieldErrors)?)]
        pub struct $name {
            $($($(#[$rmeta])* pub $rfield: $rtype,)*)?
            $($(
                $(#[$ometa])*
                #[serde(default, skip_serializing_if = "crate::model::record::Absent::is_absent")]
                #[deserr(default)]
                pub $ofield: $otype,
            )*)?
        }
    };
}

pub(crate) use record;
