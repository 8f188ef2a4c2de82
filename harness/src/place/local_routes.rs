//! The network of a namespace: one interface, and every address leads to it.

use std::net::{Ipv4Addr, Ipv6Addr};

use rtnetlink::packet_route::route::{RouteScope, RouteType};
use rtnetlink::{LinkUnspec, RouteMessageBuilder, new_connection};

use super::place_error::PlaceError;

/// The index of the interface `lo` in a new namespace.
const LOOPBACK: u32 = 1;
/// The routing table of addresses that are this machine's.
const LOCAL_TABLE: u32 = 255;

/// Makes every address, of both families, one of this machine.
pub(super) async fn route_everything_here() -> Result<(), PlaceError> {
    let (connection, network, _) = new_connection().map_err(PlaceError::Socket)?;
    let connection = tokio::spawn(connection);
    let failed = |source: rtnetlink::Error| PlaceError::Network(source.to_string());
    let up = LinkUnspec::new_with_index(LOOPBACK).up().build();
    network.link().set(up).execute().await.map_err(failed)?;
    let v4 = RouteMessageBuilder::<Ipv4Addr>::new()
        .destination_prefix(Ipv4Addr::UNSPECIFIED, 0)
        .output_interface(LOOPBACK)
        .table_id(LOCAL_TABLE)
        .scope(RouteScope::Host)
        .kind(RouteType::Local)
        .build();
    network.route().add(v4).execute().await.map_err(failed)?;
    let v6 = RouteMessageBuilder::<Ipv6Addr>::new()
        .destination_prefix(Ipv6Addr::UNSPECIFIED, 0)
        .output_interface(LOOPBACK)
        .table_id(LOCAL_TABLE)
        .kind(RouteType::Local)
        .build();
    // a machine without IPv6 has none here either
    let _ = network.route().add(v6).execute().await;
    connection.abort();
    Ok(())
}
