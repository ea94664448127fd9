<?php
// AWS credentials: from the environment, else from the ECS container credentials endpoint
// ("Amazon ECS task IAM role", docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html).
declare(strict_types=1);

final class Credentials
{
    private const CACHE = '/tmp/lamp-credentials.json';
    private const RENEW_BEFORE_SECONDS = 300;

    public function __construct(
        public readonly string $key,
        public readonly string $secret,
        public readonly string $token,
    ) {}

    public static function find(): self
    {
        if (getenv('AWS_ACCESS_KEY_ID')) {
            return new self(getenv('AWS_ACCESS_KEY_ID'), (string) getenv('AWS_SECRET_ACCESS_KEY'),
                (string) getenv('AWS_SESSION_TOKEN'));
        }
        $cached = is_file(self::CACHE) ? json_decode((string) file_get_contents(self::CACHE), true) : null;
        if (!self::fresh($cached)) {
            $cached = self::fetch();
            // Written aside and renamed: another worker may be reading.
            $new = self::CACHE . '.' . getmypid();
            $old = umask(0077);
            file_put_contents($new, json_encode($cached));
            umask($old);
            rename($new, self::CACHE);
        }
        return new self($cached['AccessKeyId'], $cached['SecretAccessKey'], $cached['Token'] ?? '');
    }

    private static function fresh(mixed $c): bool
    {
        if (!is_array($c) || !isset($c['AccessKeyId'], $c['SecretAccessKey'], $c['Expiration'])) {
            return false;
        }
        return strtotime($c['Expiration']) - time() > self::RENEW_BEFORE_SECONDS;
    }

    private static function fetch(): array
    {
        $url = getenv('AWS_CONTAINER_CREDENTIALS_FULL_URI');
        if (!$url && getenv('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI')) {
            $url = 'http://169.254.170.2' . getenv('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI');
        }
        if (!$url) {
            throw new RuntimeException('no AWS credentials: neither keys nor a container credentials endpoint');
        }
        $headers = [];
        if ($token = getenv('AWS_CONTAINER_AUTHORIZATION_TOKEN')) {
            $headers[] = 'Authorization: ' . $token;
        }
        $curl = curl_init($url);
        curl_setopt_array($curl, [CURLOPT_RETURNTRANSFER => true, CURLOPT_HTTPHEADER => $headers,
            CURLOPT_CONNECTTIMEOUT_MS => 1000, CURLOPT_TIMEOUT_MS => 3000, CURLOPT_PROXY => '']);
        $body = curl_exec($curl);
        $found = is_string($body) ? json_decode($body, true) : null;
        if (curl_getinfo($curl, CURLINFO_RESPONSE_CODE) !== 200 || !isset($found['AccessKeyId'])) {
            throw new RuntimeException('the container credentials endpoint gave no credentials');
        }
        return $found;
    }
}
