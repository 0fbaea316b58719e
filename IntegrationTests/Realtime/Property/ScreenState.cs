using System.Collections.Immutable;

namespace Kaffediem.IntegrationTests.Realtime.Property;

/// <summary>
/// What a screen knew at some moment: records by id, as JSON. The menu is a single record with the id 0. Unchangeable: it
/// is kept, and later continued from.
/// </summary>
internal sealed record ScreenState(ScreenView View, string Epoch, long Seq, ImmutableDictionary<long, string> Records);
