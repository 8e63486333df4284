using Xunit;

namespace Qanat.WireGuard.Tests;

public class PublicKeyTests
{
    private const string Text = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";

    [Fact]
    public void Text_and_bytes_are_the_same_key()
    {
        Assert.True(PublicKey.TryParse(Text, out var key));
        var bytes = new byte[PublicKey.Size];
        key.CopyTo(bytes);
        Assert.Equal(Convert.FromBase64String(Text), bytes);
        Assert.Equal((key, Text), (new(bytes), key.ToString()));
        Assert.False(key.IsNone);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8D")]
    [InlineData("xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=\n")]
    [InlineData("xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dgg")]
    [InlineData("xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dh=")]
    [InlineData("!TIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=")]
    public void Other_text_is_no_key(string? text)
    {
        Assert.False(PublicKey.TryParse(text, out var key));
        Assert.True(key.IsNone);
    }
}
