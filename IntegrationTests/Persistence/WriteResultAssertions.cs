using Kaffediem.Persistence.Writing;

namespace Kaffediem.IntegrationTests.Persistence;

internal static class WriteResultAssertions
{
    /// <summary>The record of a write that must have been saved.</summary>
    public static async Task<T> Saved<T>(this Task<WriteResult<T>> write) =>
        Assert.IsType<WriteResult<T>.Saved>(await write).Record;

    /// <summary>The errors of a write that must have been refused.</summary>
    public static async Task<IReadOnlyList<FieldError>> Refused<T>(this Task<WriteResult<T>> write) =>
        Assert.IsType<WriteResult<T>.Refused>(await write).Errors;

    public static async Task NotFound<T>(this Task<WriteResult<T>> write) =>
        Assert.IsType<WriteResult<T>.NotFound>(await write);
}
