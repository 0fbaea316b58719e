using Kaffediem.Persistence.Sqlite;
using Microsoft.Extensions.Options;

namespace Kaffediem.Server.Hosting;

/// <summary>Checks section <c>Database</c>.</summary>
[OptionsValidator]
internal sealed partial class DatabaseOptionsValidator : IValidateOptions<DatabaseOptions>;
