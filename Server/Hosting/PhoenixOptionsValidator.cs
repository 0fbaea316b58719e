using Kaffediem.Protocol;
using Microsoft.Extensions.Options;

namespace Kaffediem.Server.Hosting;

/// <summary>Checks section <c>Phoenix</c>.</summary>
[OptionsValidator]
internal sealed partial class PhoenixOptionsValidator : IValidateOptions<PhoenixOptions>;
