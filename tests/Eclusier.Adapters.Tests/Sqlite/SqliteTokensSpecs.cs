using Eclusier.Adapters.Sqlite;
using Eclusier.Core.Access;
using Eclusier.Core.Deployments;

namespace Eclusier.Adapters.Tests.Sqlite;

public sealed class SqliteTokensSpecs : JournalTest
{
    private SqliteTokens Tokens => new(Database);

    [Fact]
    public void A_token_is_found_by_its_hash_and_its_text_is_nowhere()
    {
        var text = Token.NewText();
        var added = Tokens.Add("ci", Role.Operate, Token.HashOf(text), Noon, Noon.AddDays(90));
        Reopen();

        Assert.Equal(added, Tokens.Find(Token.HashOf(text)));
        Assert.Equal(new Token(added.Id, "ci", Role.Operate, Noon, null, Noon.AddDays(90)), Assert.Single(Tokens.ReadAll()));
        Assert.Null(Tokens.Find(Token.HashOf(Token.NewText())));
        Assert.Null(Tokens.Find(text));
        foreach (var file in Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!))
        {
            Assert.DoesNotContain(text, File.ReadAllText(file));
        }
    }

    [Fact]
    public void A_text_is_long_random_and_recognisable() => Assert.Matches("^ecl_[A-Za-z0-9_-]{43}$", Token.NewText());

    [Fact]
    public void A_name_is_given_once_until_it_is_revoked()
    {
        var first = Tokens.Add("ci", Role.Read, "a", Noon, null);
        Assert.Equal(
            "there is a token 'ci' already: revoke it first, or take another name",
            Assert.Throws<FailureException>(() => Tokens.Add("ci", Role.Admin, "b", Noon, null)).Message);

        Assert.True(Tokens.Remove("ci"));
        Assert.False(Tokens.Remove("ci"));
        Assert.Null(Tokens.Find("a"));
        Assert.NotEqual(first.Id, Tokens.Add("ci", Role.Admin, "b", Noon, null).Id); // a session of the first is none of the second
    }

    [Fact]
    public void Its_use_is_written_down_once_an_hour()
    {
        Tokens.Add("ci", Role.Read, "a", Noon, null);
        Use(Noon);
        Use(Noon.AddMinutes(59));
        Assert.Equal(Noon, Tokens.Find("a")!.LastUsedAt);
        Use(Noon.AddMinutes(60));
        Assert.Equal(Noon.AddMinutes(60), Tokens.Find("a")!.LastUsedAt);
    }

    [Fact]
    public void It_ends_at_its_hour()
    {
        var token = Tokens.Add("ci", Role.Read, "a", Noon, Noon.AddDays(1));
        Assert.False(token.IsExpired(Noon.AddDays(1).AddTicks(-1)));
        Assert.True(token.IsExpired(Noon.AddDays(1)));
        Assert.False((token with { ExpiresAt = null }).IsExpired(DateTimeOffset.MaxValue));
    }

    private void Use(DateTimeOffset at) => Tokens.NoteUse(Tokens.Find("a")!, at);
}
