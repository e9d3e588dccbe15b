namespace Eclusier.Inventory;

/// <summary>A package that the program is made of.</summary>
/// <param name="Licence">An SPDX expression.</param>
/// <param name="Sha512">Of the package as it was fetched; hexadecimal.</param>
/// <param name="Texts">What it brings of licences and notices itself.</param>
/// <param name="Needs">Other packages, by name.</param>
/// <param name="Holds">What is compiled into it, and comes from elsewhere.</param>
internal sealed record Part(
    string Name, string Version, string Licence, string? Copyright, string? Home, string Sha512, IReadOnlyList<string> Texts, IReadOnlyList<string> Needs, IReadOnlyList<Inclusion> Holds)
{
    public string Url => $"pkg:nuget/{Name}@{Version}";
}

/// <summary>A native library inside of a package.</summary>
/// <param name="Version"><c>null</c>: the package does not tell.</param>
internal sealed record Inclusion(string Name, string? Version, string Licence);

/// <summary>The program itself.</summary>
/// <param name="Date">Its commit's.</param>
internal sealed record Product(string Version, string Commit, string Date, string Runtime);
