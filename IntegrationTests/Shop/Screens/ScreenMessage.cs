namespace Kaffediem.IntegrationTests.Shop.Screens;

/// <summary>A message that a screen is about to send.</summary>
/// <param name="JoinRef">The ref of the topic's last join; <c>null</c> without one.</param>
/// <param name="Ref">Its own ref.</param>
/// <param name="Topic">The topic; <c>null</c> for a heartbeat.</param>
/// <param name="Event">The event.</param>
/// <param name="Payload">JSON.</param>
/// <param name="Request">The request of a join or reload; <c>null</c> for anything else, a malformed join too.</param>
internal sealed record ScreenMessage(
    string? JoinRef, string Ref, ScreenTopic? Topic, string Event, string Payload, JoinRequest? Request)
{
    public string TopicName => Topic is null ? "phoenix" : $"collection:{Topic.Collection}";
}
