using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Kaffediem.Server.Admission;

/// <summary>
/// Section <c>Reads</c>: the budgets of long reads (lists, snapshots, replays) and of their answers. Signed-in users
/// have the same budgets again, each user like an address.
/// </summary>
internal sealed class ReadOptions
{
    private const long Mebibyte = 1024 * 1024;

    /// <summary>
    /// How many long reads may wait for their turn (default 4,096). Further ones are refused with 503.
    /// </summary>
    [Range(1, 1_000_000)]
    [Description("how many long reads may wait for their turn before further ones get 503")]
    public int MaxWaiting { get; init; } = 4096;

    /// <summary>How many of them may be for one address, or one /64 network of IPv6 (default 512).</summary>
    [Range(1, 1_000_000)]
    [Description("how many of them may be for one address, or a /64 network of IPv6")]
    public int MaxWaitingPerAddress { get; init; } = 512;

    /// <summary>
    /// How many bytes of long answers may be encoded and not yet sent (default 256 MiB). Further long reads are refused
    /// with 503 until some are sent. One answer always fits.
    /// </summary>
    [Range(Mebibyte, 1_000_000 * Mebibyte)]
    [Description("how many bytes of long answers may wait to be sent before further ones get 503")]
    public long MaxUnsentBytes { get; init; } = 256 * Mebibyte;

    /// <summary>How many of these bytes may be for one address, or one /64 network of IPv6 (default 128 MiB).</summary>
    [Range(Mebibyte, 1_000_000 * Mebibyte)]
    [Description("how many of these bytes may be for one address, or a /64 network of IPv6")]
    public long MaxUnsentBytesPerAddress { get; init; } = 128 * Mebibyte;

    /// <summary>
    /// How fast a client has to read a long answer on average, in bytes per second (default 16,384). A slower one is
    /// cut off.
    /// </summary>
    [Range(0, int.MaxValue)]
    [Description("how fast a client has to read a long answer, in bytes per second, or be cut off")]
    public int MinBytesPerSecond { get; init; } = 16 * 1024;
}

[OptionsValidator]
internal sealed partial class ReadOptionsValidator : IValidateOptions<ReadOptions>;
