using System.Security.Cryptography;

namespace Eclusier.Dashboard;

/// <summary>The files that pages need, inside the program: style sheet, script, icon. They tell nothing of stacks.</summary>
internal sealed class Assets
{
    public static Asset Style { get; } = new("dashboard.css", "text/css; charset=utf-8");

    public static Asset Script { get; } = new("dashboard.js", "text/javascript; charset=utf-8");

    public static Asset Icon { get; } = new("icon.svg", "image/svg+xml");

    public static IReadOnlyList<Asset> All { get; } = [Style, Script, Icon];
}

/// <summary>One file, with an address that changes with its content.</summary>
internal sealed class Asset(string name, string type)
{
    private readonly Lazy<byte[]> content = new(() => Read(name));

    /// <summary>Where it is served, without the mark of its content.</summary>
    public string Path { get; } = $"/assets/{name}";

    public string Address => field ??= $"{Path}?v={Convert.ToHexStringLower(SHA256.HashData(content.Value))[..12]}";

    public IResult Send(HttpContext context)
    {
        context.Response.Headers.CacheControl = Address.EndsWith(context.Request.QueryString.Value ?? "", StringComparison.Ordinal) && context.Request.QueryString.HasValue
            ? "public, max-age=31536000, immutable"
            : "no-cache";
        return Results.Bytes(content.Value, type);
    }

    private static byte[] Read(string name)
    {
        using var stream = typeof(Asset).Assembly.GetManifestResourceStream($"Eclusier.Dashboard.Assets.{name}")
            ?? throw new InvalidOperationException($"the program lacks its own file {name}");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
