using System.Security.Cryptography;

namespace Qanat.WireGuard;

/// <summary>
/// The exchange of a post-quantum preshared key with a peer: one in a session, offered by whoever began the session. It says what is
/// to be sent, and when; who sends is for whoever calls. Every message is taken to be hostile, authentic as it is: a peer gets one
/// encapsulation and one decapsulation a session out of us, and those not more often than every five seconds.
/// </summary>
/// <remarks>
/// The offer's body is an encapsulation key; the answer's a ciphertext and a code that shows that who answers has the key that
/// follows; the confirmation's a code of who offered. All three have the identifier that the offer came with. An offer is said
/// again while nothing comes, and an answer when the offer comes again.
/// </remarks>
internal sealed class KeyExchange : IDisposable
{
    /// <summary>Bytes of an answer's body.</summary>
    public const int AnswerLength = IKeyEncapsulation.CiphertextLength + ExchangeSecrets.CodeLength;

    /// <summary>The time between two exchanges that are offered, and between two that are answered.</summary>
    public const long Interval = 5 * TimeSpan.TicksPerSecond;

    // Said again after 1 s, 2 s, 4 s, 8 s: beyond what an end that has just answered another has to wait.
    private const int MaxOffers = 5;
    private const long FirstWait = TimeSpan.TicksPerSecond;

    private readonly byte[] _expected = GC.AllocateArray<byte>(ExchangeSecrets.CodeLength, pinned: true);
    private Stage _stage;
    private uint _identifier;
    private int _offers;
    private long _lastOffered = Clock.Never, _lastAnswered = Clock.Never;
    private IDecapsulationKey? _key;
    private byte[]? _body;

    private enum Stage
    {
        /// <summary>Nothing was said in this session.</summary>
        Open,

        /// <summary>We have offered.</summary>
        Offered,

        /// <summary>We have answered.</summary>
        Answered,

        /// <summary>There will be no more of it in this session.</summary>
        Over,
    }

    /// <summary>Before when no exchange is to be offered.</summary>
    public long NotBefore => _lastOffered + Interval;

    /// <summary>The identifier of what is said.</summary>
    public uint Identifier => _identifier;

    /// <summary>What is to be said: the offer, or the answer.</summary>
    public ReadOnlySpan<byte> Body => _body;

    /// <summary>A session begins, and what was under way is over.</summary>
    public void Begin() => Become(Stage.Open);

    /// <summary>There is to be no exchange in this session, or no more of it.</summary>
    public void End() => Become(Stage.Over);

    /// <summary>Offers, for the first time or again. False when that is not to be done: somebody has spoken, or nobody will.</summary>
    /// <param name="kem">What makes keys.</param>
    /// <param name="identifier">The identifier of a new offer.</param>
    /// <param name="now">The time.</param>
    /// <param name="wait">After what time it is to be tried again.</param>
    public bool TryOffer(IKeyEncapsulation kem, uint identifier, long now, out long wait)
    {
        wait = 0;
        if (_stage == Stage.Open)
        {
            var offer = new byte[IKeyEncapsulation.EncapsulationKeyLength];
            if (!kem.TryGenerate(offer, out _key))
            {
                End();
                return false;
            }
            (_stage, _identifier, _body, _offers, _lastOffered) = (Stage.Offered, identifier, offer, 0, now);
        }
        if (_stage != Stage.Offered)
            return false;
        if (_offers == MaxOffers)
        {
            End();
            return false;
        }
        wait = FirstWait << _offers++;
        return true;
    }

    /// <summary>Takes an offer. When it is accepted, <see cref="Body"/> is the answer to be sent.</summary>
    /// <param name="kem">What makes the secret.</param>
    /// <param name="message">The offer.</param>
    /// <param name="configuredKey">The configured preshared key.</param>
    /// <param name="initiator">Who offers.</param>
    /// <param name="responder">Who we are.</param>
    /// <param name="secrets">Has the new key when the answer is new, which is to be wiped then; else nothing.</param>
    /// <param name="now">The time.</param>
    public ExchangeVerdict TakeOffer(
        IKeyEncapsulation kem, in ControlMessage message, ReadOnlySpan<byte> configuredKey, PublicKey initiator, PublicKey responder,
        ExchangeSecrets secrets, long now)
    {
        var offer = message.Body;
        if (offer.Length != IKeyEncapsulation.EncapsulationKeyLength)
            return ExchangeVerdict.Malformed;
        if (_stage == Stage.Answered && message.Identifier == _identifier)
            return ExchangeVerdict.Repeated;
        if (_stage != Stage.Open)
            return ExchangeVerdict.Unexpected;
        if (now - _lastAnswered < Interval)
            return ExchangeVerdict.TooSoon;
        _lastAnswered = now; // also for a key that is none
        var answer = new byte[AnswerLength];
        var ciphertext = answer.AsSpan(0, IKeyEncapsulation.CiphertextLength);
        Span<byte> shared = stackalloc byte[IKeyEncapsulation.SharedSecretLength];
        if (!kem.TryEncapsulate(offer, ciphertext, shared))
        {
            End();
            return ExchangeVerdict.Malformed;
        }
        secrets.Derive(configuredKey, shared, initiator, responder, offer, ciphertext);
        CryptographicOperations.ZeroMemory(shared);
        secrets.AnswerCode.CopyTo(answer.AsSpan(ciphertext.Length));
        secrets.ConfirmationCode.CopyTo(_expected);
        (_stage, _identifier, _body) = (Stage.Answered, message.Identifier, answer);
        return ExchangeVerdict.Accepted;
    }

    /// <summary>Takes an answer, the first of which is the last. When it is accepted, it is to be confirmed.</summary>
    /// <param name="message">The answer.</param>
    /// <param name="configuredKey">The configured preshared key.</param>
    /// <param name="initiator">Who we are.</param>
    /// <param name="responder">Who answers.</param>
    /// <param name="secrets">Has the new key when it is accepted; to be wiped in any case.</param>
    public ExchangeVerdict TakeAnswer(
        in ControlMessage message, ReadOnlySpan<byte> configuredKey, PublicKey initiator, PublicKey responder, ExchangeSecrets secrets)
    {
        if (_stage != Stage.Offered || message.Identifier != _identifier)
            return ExchangeVerdict.Unexpected;
        if (message.Body.Length != AnswerLength)
            return ExchangeVerdict.Malformed;
        var ciphertext = message.Body[..IKeyEncapsulation.CiphertextLength];
        Span<byte> shared = stackalloc byte[IKeyEncapsulation.SharedSecretLength];
        var isGenuine = _key!.TryDecapsulate(ciphertext, shared);
        secrets.Derive(configuredKey, shared, initiator, responder, _body, ciphertext);
        CryptographicOperations.ZeroMemory(shared);
        isGenuine &= CryptographicOperations.FixedTimeEquals(secrets.AnswerCode, message.Body[ciphertext.Length..]);
        End();
        return isGenuine ? ExchangeVerdict.Accepted : ExchangeVerdict.Forged;
    }

    /// <summary>Takes a confirmation. When it is accepted, the other end has the key.</summary>
    public ExchangeVerdict TakeConfirmation(in ControlMessage message)
    {
        if (_stage != Stage.Answered || message.Identifier != _identifier)
            return ExchangeVerdict.Unexpected;
        if (!CryptographicOperations.FixedTimeEquals(_expected, message.Body))
            return ExchangeVerdict.Forged;
        End();
        return ExchangeVerdict.Accepted;
    }

    /// <inheritdoc/>
    public void Dispose() => End();

    private void Become(Stage stage)
    {
        _stage = stage;
        _key?.Dispose();
        (_key, _body) = (null, null);
        CryptographicOperations.ZeroMemory(_expected);
    }
}
