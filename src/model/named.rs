//! Closed sets of values whose names are stable: in the API, in the database and in the code.

/// Declares the names of an enumeration once: variant, wire name, meaning.
macro_rules! named {
    ($(#[$meta:meta])* $type:ident { $($variant:ident = $wire:literal, $meaning:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $type { $(#[doc = $meaning] $variant,)+ }

        impl $type {
            pub const ALL: &'static [$type] = &[$($type::$variant,)+];

            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self { $($type::$variant => $wire,)+ }
            }

            /// What it means, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $($type::$variant => $meaning,)+ }
            }

            /// The one with this name.
            pub fn parse(name: &str) -> Option<$type> {
                Self::ALL.iter().copied().find(|s| s.as_str() == name)
            }
        }
    };
}

pub(crate) use named;
