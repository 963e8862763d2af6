# onrecord in a container: locked packages, no build tools, no root.
#
#   docker build -t onrecord .
#   echo '"It rains," Ada Lund said.' | docker run --rm -i onrecord annotate -

FROM python:3.13.9-slim-trixie AS build
WORKDIR /build
RUN python -m venv /opt/onrecord
COPY requirements.txt ./
RUN /opt/onrecord/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY pipeline ./pipeline
RUN /opt/onrecord/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13.9-slim-trixie
RUN useradd --uid 10001 --create-home --home-dir /srv/onrecord onrecord
COPY --from=build /opt/onrecord /opt/onrecord
ENV PATH=/opt/onrecord/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /srv/onrecord
COPY --chown=onrecord config ./config
RUN install -d -o onrecord data
USER onrecord
VOLUME /srv/onrecord/data
# The first SIGTERM finishes or abandons the batch, commits what is whole and leaves the group.
STOPSIGNAL SIGTERM
ENTRYPOINT ["onrecord"]
CMD ["run"]
