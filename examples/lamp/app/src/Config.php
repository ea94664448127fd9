<?php
// What the environment says; read once a request. Nothing else in the application looks at the environment.
declare(strict_types=1);

final class Config
{
    public function __construct(
        public readonly string $region,
        public readonly string $mode,       // auto | read-only | read-write
        public readonly string $dbHost,
        public readonly int $dbPort,
        public readonly string $dbName,
        public readonly string $dbUser,
        public readonly string $dbPassword,
        public readonly string $dbCa,       // path of a CA bundle: TLS to the database; empty: plain
        public readonly string $bucket,     // empty: no pictures
        public readonly string $s3Endpoint, // empty: AWS's own
        public readonly string $queueUrl,   // empty: nobody is told of new entries
        public readonly string $sqsEndpoint,
        public readonly string $greeting,   // what the page asks for
    ) {}

    public static function fromEnvironment(): self
    {
        $env = static fn(string $name, string $default = ''): string =>
            ($v = getenv($name)) === false || $v === '' ? $default : $v;
        $mode = $env('APP_MODE', 'auto');
        if (!in_array($mode, ['auto', 'read-only', 'read-write'], true)) {
            $mode = 'read-only'; // a typing error must not open a database for writes
        }
        return new self(
            $env('AWS_REGION', $env('AWS_DEFAULT_REGION', 'us-east-1')),
            $mode,
            $env('DB_HOST', '127.0.0.1'),
            (int) $env('DB_PORT', '3306'),
            $env('DB_NAME', 'lamp'),
            $env('DB_USER', 'lamp'),
            $env('DB_PASSWORD'),
            $env('DB_SSL_CA'),
            $env('UPLOADS_BUCKET'),
            rtrim($env('AWS_ENDPOINT_URL_S3', $env('AWS_ENDPOINT_URL')), '/'),
            $env('NOTICES_QUEUE_URL'),
            rtrim($env('AWS_ENDPOINT_URL_SQS', $env('AWS_ENDPOINT_URL')), '/'),
            $env('GREETING', 'Guest book'),
        );
    }
}
