namespace Eclusier.Acceptance;

/// <summary>One shop for all tests of a class: its daemon runs, and the good version is deployed before each test.</summary>
public sealed class SharedShop : IAsyncLifetime
{
    internal Shop Shop { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Shop = await Shop.CreateAsync();

    public ValueTask DisposeAsync() => Shop.DisposeAsync();
}
