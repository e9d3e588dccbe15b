using Eclusier.Core.Deployments;

namespace Eclusier.Core.Tests.Deployments;

public sealed class WordsSpecs
{
    [Theory]
    [InlineData(DeploymentResult.RolledBack, "rolled-back")]
    [InlineData(DeploymentResult.UpToDate, "up-to-date")]
    [InlineData(DeploymentResult.Committed, "committed")]
    public void A_result_is_spelled_as_a_word(DeploymentResult result, string word)
    {
        Assert.Equal(word, result.ToWord());
        Assert.Equal(result, Words.Parse<DeploymentResult>(word));
    }

    [Fact]
    public void Every_value_comes_back_from_its_word()
    {
        Assert.All(Enum.GetValues<Step>(), step => Assert.Equal(step, Words.Parse<Step>(step.ToWord())));
        Assert.All(Enum.GetValues<Cause>(), cause => Assert.Equal(cause, Words.Parse<Cause>(cause.ToWord())));
        Assert.All(Enum.GetValues<FailureKind>(), kind => Assert.Equal(kind, Words.Parse<FailureKind>(kind.ToWord())));
    }

    [Theory]
    [InlineData("Commit")]
    [InlineData("0")]
    [InlineData("")]
    [InlineData("manualrollback")]
    public void Another_spelling_is_refused_with_the_words_there_are(string word)
    {
        var exception = Assert.Throws<FormatException>(() => Words.Parse<Cause>(word));

        Assert.Contains($"'{word}' is not one of: commit, configuration-changed, image-moved", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_that_is_no_value_has_no_word() => Assert.Throws<ArgumentOutOfRangeException>(() => ((Step)99).ToWord());
}
