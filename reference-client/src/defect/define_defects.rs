//! The macro that declares the defects of one area.

/// Declares a constant of [`Defect`](crate::Defect) for each entry, and `DEFECTS`, the list of all
/// of them.
///
/// An entry has a `name` (for `--defect`), a `summary` of what the client does wrong, and the ids
/// of the requirements that the defect `breaks`. `refused: true` marks a defect that honest servers
/// refuse; `application: App` or `application: Web` one that only such an application can have.
macro_rules! define_defects {
    ($($constant:ident {
        name: $name:literal,
        summary: $summary:literal,
        breaks: [$($requirement:literal),+ $(,)?],
        $(refused: $refused:literal,)?
        $(application: $application:ident,)?
    })*) => {
        impl crate::defect::Defect {
            $(
                #[doc = concat!("The client ", $summary, ".")]
                pub const $constant: Self = Self::new(&crate::defect::DefectInfo {
                    name: $name,
                    summary: $summary,
                    breaks: &[$($requirement),+],
                    refused: define_defects!(@refused $($refused)?),
                    application: define_defects!(@application $($application)?),
                });
            )*
        }

        pub(in crate::defect) const DEFECTS: &[crate::defect::Defect] =
            &[$(crate::defect::Defect::$constant),*];
    };
    (@refused) => { false };
    (@refused $refused:literal) => { $refused };
    (@application) => { crate::reference_client_kind::ReferenceClientKind::Terminal };
    (@application $application:ident) => {
        crate::reference_client_kind::ReferenceClientKind::$application
    };
}

pub(super) use define_defects;
