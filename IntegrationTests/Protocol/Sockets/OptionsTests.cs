using System.Globalization;
using Kaffediem.IntegrationTests.Support;
using Kaffediem.Protocol;
using Microsoft.Extensions.Options;

namespace Kaffediem.IntegrationTests.Protocol.Sockets;

/// <summary>Limits and timeouts are options with defaults, checked at the start.</summary>
public sealed class OptionsTests
{
    [Theory]
    [InlineData(nameof(PhoenixOptions.MaxMessageBytes), "0")]
    [InlineData(nameof(PhoenixOptions.MaxTopicBytes), "0")]
    [InlineData(nameof(PhoenixOptions.MaxEventBytes), "-1")]
    [InlineData(nameof(PhoenixOptions.MaxChannelsPerSocket), "0")]
    [InlineData(nameof(PhoenixOptions.MaxMessagesPerSecond), "0")]
    [InlineData(nameof(PhoenixOptions.MaxMessageBurst), "0")]
    [InlineData(nameof(PhoenixOptions.MaxQueuedMessages), "0")]
    [InlineData(nameof(PhoenixOptions.MaxOutboxBytes), "0")]
    [InlineData(nameof(PhoenixOptions.MaxConnections), "0")]
    [InlineData(nameof(PhoenixOptions.MaxConnectionsPerAddress), "0")]
    [InlineData(nameof(PhoenixOptions.MaxPresencesPerKey), "0")]
    [InlineData(nameof(PhoenixOptions.MaxReplyBytesPerSecond), "0")]
    [InlineData(nameof(PhoenixOptions.MaxReplyBurstBytes), "0")]
    [InlineData(nameof(PhoenixOptions.MaxReplyBytesPerSecondPerClient), "0")]
    [InlineData(nameof(PhoenixOptions.MaxReplyBurstBytesPerClient), "0")]
    [InlineData(nameof(PhoenixOptions.MaxUnprovenSessions), "0")]
    [InlineData(nameof(PhoenixOptions.MaxUnprovenSessionsPerAddress), "0")]
    [InlineData(nameof(PhoenixOptions.DrainBatchSize), "0")]
    [InlineData(nameof(PhoenixOptions.IdleTimeout), "00:00:00")]
    [InlineData(nameof(PhoenixOptions.StallTimeout), "-00:00:01")]
    [InlineData(nameof(PhoenixOptions.CloseTimeout), "00:00:00")]
    [InlineData(nameof(PhoenixOptions.LongPollWindow), "1.00:00:01")]
    [InlineData(nameof(PhoenixOptions.ChannelShutdownTimeout), "-00:00:00.001")] // infinite
    [InlineData(nameof(PhoenixOptions.DrainTime), "-00:00:01")]
    [InlineData(nameof(PhoenixOptions.DrainTime), "49.17:02:47.295")] // more than a timer can wait for
    public async Task Limit_out_of_range_stops_the_start_and_is_named(string name, string value)
    {
        var option = typeof(PhoenixOptions).GetProperty(name)!;
        var isTime = option.PropertyType == typeof(TimeSpan);
        var wrong = isTime
            ? TimeSpan.Parse(value, CultureInfo.InvariantCulture)
            : Convert.ChangeType(value, option.PropertyType, CultureInfo.InvariantCulture);

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(
            () => PhoenixApp.StartAsync(options => option.SetValue(options, wrong)));

        var failure = Assert.Single(exception.Failures);
        Assert.Contains(name, failure, StringComparison.Ordinal);
        Assert.Contains(isTime ? "at most a day" : "between 1 and", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_limits_out_of_range_are_named_at_once()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => PhoenixApp.StartAsync(options =>
            (options.MaxMessageBytes, options.IdleTimeout, options.CloseTimeout) = (0, TimeSpan.Zero, TimeSpan.Zero)));

        Assert.Equal(3, exception.Failures.Count());
    }

    [Fact]
    public void Limits_apply_by_default()
    {
        var options = new PhoenixOptions();

        Assert.Equal(
            (65_536, 100, 1024 * 1024),
            (options.MaxMessageBytes, options.MaxChannelsPerSocket, options.MaxOutboxBytes));
        Assert.Equal(
            (TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10)),
            (options.IdleTimeout, options.StallTimeout, options.LongPollWindow));
        Assert.InRange(options.MaxConnections, 10_000, 100_000);
        Assert.InRange(options.MaxConnectionsPerAddress, 1000, options.MaxConnections);
        Assert.InRange(options.MaxMessagesPerSecond, 1, 10_000);
        Assert.InRange(options.MaxMessageBurst, 1, 10_000);
    }
}
